# Tests the operations of a client against the GraphQL schemas that the files of a project make: a step for pull requests, in Azure DevOps
# and GitHub alike. No database and no Hasura server are needed; the migrations are applied in a throwaway PostgreSQL.
[CmdletBinding()]
param(
    # Files and directories with operations.
    [Parameter(Mandatory)] [string[]] $Path,

    # The Hasura project.
    [string] $Project = '.',

    # Schemas of the main branch, as Export-HasuraApiSchema -AllRoles -Path wrote them. With them, only operations that the change breaks are
    # an error.
    [string] $ReferenceSchema,

    # The module.
    [string] $Module = "$PSScriptRoot/../out/HasuraMigrations"
)

$ErrorActionPreference = 'Stop'
Import-Module $Module
$test = @{ Path = $Path; Project = $Project; Sandbox = $true; FailOn = 'Invalid' }
if ($ReferenceSchema) {
    $test.ReferenceSchema = $ReferenceSchema
    $test.FailOn = 'Breaks'
}

# Problems become annotations of the pull request.
$isAzure = $env:TF_BUILD -eq 'True'
$isGitHub = $env:GITHUB_ACTIONS -eq 'true'
Test-HasuraOperation @test | ForEach-Object {
    $operation = $_
    $operation
    foreach ($problem in $operation.Problems) {
        $kind = $problem.Severity -eq 'Error' -and $operation.Status -ge $test.FailOn ? 'error' : 'warning'
        $text = "$($operation.Name) ($($operation.Role)): $problem" -replace '%', '%25'
        if ($isGitHub -and $problem.File) {
            $file = [IO.Path]::GetRelativePath($PWD, $problem.File) -replace '%', '%25' -replace ',', '%2C' -replace ':', '%3A'
            Write-Host "::$kind file=$file,line=$($problem.Line)::$text"
        }
        elseif ($isAzure) {
            Write-Host "##vso[task.logissue type=$kind;sourcepath=$($problem.File -replace '[;\]]', '_');linenumber=$($problem.Line)]$($text -replace '\]', '%5D')"
        }
    }
}
