# Merges one metadata file for git (gitattributes, "Defining a custom merge driver"): the result replaces the file of our side. The exit
# code is 0 for a clean merge and 1 for conflicts, of which git tells the user; the file then has both sides between marks.
#Requires -Version 7.4
param(
    # Temporary files with the common ancestor, our side and their side: %O, %A and %B of git.
    [Parameter(Mandatory)] [string] $Base,
    [Parameter(Mandatory)] [string] $Ours,
    [Parameter(Mandatory)] [string] $Theirs,

    # The path of the file in the repository: %P of git.
    [Parameter(Mandatory)] [string] $Path
)

$ErrorActionPreference = 'Stop'
try {
    Import-Module HasuraMigrations
    $null = Merge-HasuraMetadata -Base $Base -Ours $Ours -Theirs $Theirs -Path $Path -Destination $Ours -Confirm:$false
    exit 0
}
catch {
    [Console]::Error.WriteLine($_.Exception.Message)
    if ($_.FullyQualifiedErrorId -like 'MetadataMergeConflict,*') {
        exit 1
    }
}

# What is no metadata, or cannot be read on one side, is merged as git does it without a driver.
[Console]::Error.WriteLine("$Path is merged line by line.")
git merge-file -L ours -L base -L theirs $Ours $Base $Theirs
exit $LASTEXITCODE
