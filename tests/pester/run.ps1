# Runs the Pester tests of this directory and writes one object for each test to a file, as JSON.
param(
    # The manifest of Pester.
    [Parameter(Mandatory)] [string] $Pester,

    # The file that is written.
    [Parameter(Mandatory)] [string] $Result
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'Ignore'
Import-Module $Pester
$run = Invoke-Pester -Configuration @{ Run = @{ Path = $PSScriptRoot; PassThru = $true }; Output = @{ Verbosity = 'None' } }
$failed = @($run.FailedContainers) + @($run.FailedBlocks)
ConvertTo-Json -Depth 3 -InputObject @{
    Failures = @($failed | ForEach-Object { "$($_): $($_.ErrorRecord)" })
    Tests    = @($run.Tests | ForEach-Object { @{ Name = $_.Path -join ' / '; Result = $_.Result; Error = "$($_.ErrorRecord)" } })
} | Set-Content $Result
