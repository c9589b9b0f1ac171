#requires -Version 7.4
<#
.SYNOPSIS
    Builds, tests, packs or cleans the repository. All real work is in MSBuild: dotnet does the same without this script.
.EXAMPLE
    ./build.ps1 -Task Test -Configuration Release
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Pack', 'Clean')]
    [string] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug',

    # For Test: the PowerShell that the hosted tests run in, such as 7.4.13; without it, the version that the repository pins.
    [string] $HostPowerShellVersion
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'Ignore'

function Invoke-DotNet {
    & dotnet @args
    if ($LASTEXITCODE -ne 0) {
        throw "dotnet $args ended with exit code $LASTEXITCODE."
    }
}

$solution = Join-Path $PSScriptRoot 'Migrations.sln'
$out = Join-Path $PSScriptRoot 'out'
switch ($Task) {
    'Build' {
        Invoke-DotNet build $solution --configuration $Configuration
    }
    'Test' {
        $hostVersion = @(if ($HostPowerShellVersion) { "-p:HostPowerShellVersion=$HostPowerShellVersion" })
        Invoke-DotNet test $solution --configuration $Configuration @hostVersion
    }
    'Pack' {
        # A Release build in out/package, compiled ahead for some platforms, and its archive in out.
        Invoke-DotNet build (Join-Path $PSScriptRoot 'build/Package') -t:Package
    }
    'Clean' {
        Invoke-DotNet clean $solution --configuration $Configuration
        if (Test-Path $out) {
            Remove-Item $out -Recurse -Force
        }
    }
}
