<#
.SYNOPSIS
    Applies the sample project to a throwaway PostgreSQL.
.DESCRIPTION
    Builds the module where it is missing or older than its sources, starts a throwaway PostgreSQL, applies the migrations and the
    metadata of samples/blog, changes a permission, rolls a migration back, and stops the server.
.EXAMPLE
    pwsh samples/quickstart.ps1
#>
#requires -Version 7.4
$ErrorActionPreference = 'Stop'

$repository = Split-Path $PSScriptRoot
$manifest = Join-Path $repository 'out/HasuraMigrations/HasuraMigrations.psd1'
if (-not (Get-Module HasuraMigrations)) {
    $sources = Get-ChildItem (Join-Path $repository 'src') -Recurse -File | Where-Object FullName -NotMatch '[\\/](bin|obj)[\\/]'
    $newest = ($sources | Measure-Object LastWriteTimeUtc -Maximum).Maximum
    # Each build writes the help last; it copies other files with the time that they have.
    $help = Join-Path (Split-Path $manifest) 'en-US/HasuraMigrations.dll-Help.xml'
    if (-not (Test-Path $help) -or (Get-Item $help).LastWriteTimeUtc -lt $newest) {
        Write-Host 'Building the module ...'
        dotnet build (Join-Path $repository 'src/HasuraMigrations') --verbosity quiet --nologo | Out-Host
        if ($LASTEXITCODE -ne 0) {
            throw "The build failed with exit code $LASTEXITCODE."
        }
    }

    Import-Module $manifest
}

function Write-Step([string] $Text) {
    Write-Host "`n== $Text" -ForegroundColor Cyan
}

Write-Step 'Start a throwaway PostgreSQL.'
$sandbox = Start-HasuraSandbox -AllowDownload
try {
    $blog = @{ Project = Join-Path $PSScriptRoot 'blog'; Connection = $sandbox }

    Write-Step 'Show the migrations of the project. None is applied.'
    Get-HasuraMigration @blog | Out-Default

    Write-Step 'Show the plan. Nothing is written.'
    Invoke-HasuraMigration @blog -WhatIf | Out-Default

    Write-Step 'Apply the migrations.'
    Invoke-HasuraMigration @blog -WarningAction SilentlyContinue | Out-Default

    Write-Step 'Count the migrations by status.'
    Get-HasuraMigration @blog | Group-Object Status | Format-Table Name, Count | Out-Default

    Write-Step 'Import the metadata. The database has no catalog of Hasura yet, so it is created.'
    Import-HasuraMetadata @blog -CreateStateStore | Out-Default

    Write-Step 'Compare the metadata of the files with the database. There is no difference.'
    Compare-HasuraMetadata @blog | Out-Default

    Write-Step 'Let readers select the slug of a post, in the database only. Compare again.'
    $metadata = Export-HasuraMetadata @blog -AsObject
    $post = $metadata.Document.sources[0].tables | Where-Object { $_.table.name -eq 'post' }
    $post.select_permissions[0].permission.columns.Add('slug')
    $metadata | Import-HasuraMetadata @blog | Out-Null
    Compare-HasuraMetadata @blog | Out-Default

    Write-Step 'Restore the metadata from the files.'
    Import-HasuraMetadata @blog | Out-Default

    Write-Step 'Roll back the newest migration.'
    Undo-HasuraMigration @blog -Count 1 -Confirm:$false | Out-Default

    Write-Step 'Test whether every migration is applied.'
    Test-HasuraMigration @blog
}
finally {
    Stop-HasuraSandbox $sandbox
}
