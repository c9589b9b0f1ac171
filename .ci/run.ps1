#requires -Version 7.4
# The twin of .ci/run for agents on Windows: checks the format, builds, and runs the test command of the README. PostgreSQL
# comes from the agent, or from the npm package that the sandbox takes.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'Ignore'
Set-StrictMode -Version Latest
Set-Location (Split-Path $PSScriptRoot)

$env:HASURA_TEST_REQUIRE_POSTGRES = '1'
$env:HASURA_TEST_REQUIRE_PWSH = '1'
$env:HASURA_TEST_REQUIRE_PACKAGE = '1'
if (Test-Path ../shared) {
    $env:HASURA_TEST_REQUIRE_DATA = '1'
}
else {
    'warning: ../shared is absent: the tests of real data are skipped'
}
$env:POWERSHELL_TELEMETRY_OPTOUT = '1'

function Invoke-Step {
    & dotnet @args
    if ($LASTEXITCODE -ne 0) {
        exit $LASTEXITCODE
    }
}

Invoke-Step format Migrations.sln --verify-no-changes
Invoke-Step build build/Package -t:Package
Invoke-Step build Migrations.sln

& dotnet test Migrations.sln 2>&1 | Tee-Object -Variable log | Out-Host
$status = $LASTEXITCODE
$numbers = foreach ($name in 'succeeded', 'failed', 'skipped') {
    $found = $log | Select-String "^\s*${name}:\s*(\d+)" | Select-Object -Last 1
    if ($found) { $found.Matches[0].Groups[1].Value } else { '0' }
}
'{0} passed, {1} failed, {2} skipped' -f $numbers
exit $status
