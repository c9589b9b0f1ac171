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
    [string] $Configuration = 'Debug'
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

# An installed Pester serves; else the pinned package is restored from NuGet.
function Import-Pester {
    $installed = Get-Module Pester -ListAvailable | Where-Object Version -ge 5.0 | Sort-Object Version -Descending | Select-Object -First 1
    if ($installed) {
        Import-Module $installed
        return
    }

    $project = Join-Path $PSScriptRoot 'tests/pester/Pester.csproj'
    Invoke-DotNet restore $project --verbosity quiet
    $properties = (Invoke-DotNet msbuild $project -getProperty:NuGetPackageRoot -getProperty:PesterVersion | ConvertFrom-Json).Properties
    $manifest = Join-Path $properties.NuGetPackageRoot 'pester' $properties.PesterVersion 'tools/Pester.psd1'
    if (-not (Test-Path $manifest)) {
        throw "Pester is missing: it is neither installed nor at $manifest. Install it (Install-PSResource Pester), then run this again."
    }

    Import-Module $manifest
}

$solution = Join-Path $PSScriptRoot 'Migrations.sln'
$out = Join-Path $PSScriptRoot 'out'
switch ($Task) {
    'Build' {
        Invoke-DotNet build $solution --configuration $Configuration
    }
    'Test' {
        Invoke-DotNet test $solution --configuration $Configuration
        Import-Pester
        Invoke-Pester -Configuration @{ Run = @{ Path = Join-Path $PSScriptRoot 'tests/pester'; Throw = $true }; Output = @{ Verbosity = 'Detailed' } }
    }
    'Pack' {
        # The build stages the module; the archive is that folder.
        Invoke-DotNet build $solution --configuration Release
        $version = (Import-PowerShellDataFile (Join-Path $PSScriptRoot 'HasuraMigrations.psd1')).ModuleVersion
        Compress-Archive (Join-Path $out 'HasuraMigrations') (Join-Path $out "HasuraMigrations.$version.zip") -Force
    }
    'Clean' {
        Invoke-DotNet clean $solution --configuration $Configuration
        if (Test-Path $out) {
            Remove-Item $out -Recurse -Force
        }
    }
}
