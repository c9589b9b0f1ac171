# Starts a throwaway PostgreSQL, applies the migrations of the sample project, rolls one back, and stops it again.
# Uses the Core cmdlets of PowerShell and those of HasuraMigrations only, so that it runs in pwsh and in our shell.
$ErrorActionPreference = 'Stop'
if (-not (Get-Command Invoke-HasuraMigration -ErrorAction Ignore)) {
    Import-Module "$PSScriptRoot/../out/HasuraMigrations/HasuraMigrations.psd1"
}

$sandbox = Start-HasuraSandbox
try {
    $blog = @{ Project = "$PSScriptRoot/blog"; Connection = $sandbox }

    '== What is there, and what is applied? Nothing yet.'
    Get-HasuraMigration @blog | Out-Default

    '== What would be done?'
    Invoke-HasuraMigration @blog -WhatIf | Out-Default

    '== Do it.'
    Invoke-HasuraMigration @blog | Out-Default

    '== Where does it stand now?'
    Get-HasuraMigration @blog | Out-Default

    '== Roll the newest one back.'
    Undo-HasuraMigration @blog -Count 1 -Confirm:$false | Out-Default

    '== Is everything applied?'
    Test-HasuraMigration @blog
}
finally {
    Stop-HasuraSandbox $sandbox
}
