# Imports the staged module and offers what the stories share. Needs a build before.
$ErrorActionPreference = 'Stop'
$repository = Resolve-Path "$PSScriptRoot/../.."
Import-Module "$repository/out/HasuraMigrations/HasuraMigrations.psd1" -Force

function New-TestProject {
    param([int] $Tables = 3)
    $path = Join-Path ([System.IO.Path]::GetTempPath()) "hasura-pester-$([guid]::NewGuid().ToString('N'))"
    $null = New-Item -ItemType Directory $path
    Set-Content (Join-Path $path 'config.yaml') 'version: 2'
    foreach ($i in 1..$Tables) {
        $null = New-HasuraMigration "table_$i" -Project $path -Version $i -UpSql "CREATE TABLE t$i (id int);" -DownSql "DROP TABLE t$i;"
    }
    $path
}

function Complete {
    param([string] $Line)
    [System.Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null).CompletionMatches
}
