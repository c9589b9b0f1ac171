# Starts a throwaway PostgreSQL, applies the migrations and the metadata of the sample project, changes a permission,
# rolls a migration back, and stops it again.
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

    '== Bring the metadata in; Hasura never was in this database, so its catalog is made.'
    Import-HasuraMetadata @blog -CreateStateStore | Out-Default

    '== Does the database say what the files say? No difference.'
    Compare-HasuraMetadata @blog | Out-Default

    '== Let readers see the slug of a post, in the database only. What differs from the files now?'
    $metadata = Export-HasuraMetadata @blog -AsObject
    $post = $metadata.Document.sources[0].tables | Where-Object { $_.table.name -eq 'post' }
    $post.select_permissions[0].permission.columns.Add('slug')
    $metadata | Import-HasuraMetadata @blog | Out-Default
    Compare-HasuraMetadata @blog | Out-Default

    '== Set it right again from the files.'
    Import-HasuraMetadata @blog | Out-Default

    '== Roll the newest one back.'
    Undo-HasuraMigration @blog -Count 1 -Confirm:$false | Out-Default

    '== Is everything applied?'
    Test-HasuraMigration @blog
}
finally {
    Stop-HasuraSandbox $sandbox
}
