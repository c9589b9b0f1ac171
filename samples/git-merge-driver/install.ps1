# Makes merge-metadata.ps1 the merge driver of the repository in the current location. Each clone needs this once, since git takes no
# settings from a repository. .gitattributes, which is committed, names the files.
#Requires -Version 7.4
param(
    # Path of the script that merges one file, relative to the top directory of the repository.
    [string] $Script = 'tools/merge-metadata.ps1'
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
git config merge.hasura-metadata.name 'Hasura metadata, object by object'
git config merge.hasura-metadata.driver "pwsh -NoProfile -NonInteractive -File '$Script' %O %A %B %P"
