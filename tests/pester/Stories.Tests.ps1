BeforeAll {
    . "$PSScriptRoot/common.ps1"
}

Describe 'A module in pwsh' {
    It 'exports its commands with help' {
        $commands = Get-Command -Module HasuraMigrations
        $commands.Count | Should -Be (Import-PowerShellDataFile "$repository/HasuraMigrations.psd1").CmdletsToExport.Count
        foreach ($command in $commands) {
            (Get-Help $command.Name).Examples.Example.Count | Should -BeGreaterOrEqual 3
        }
    }

    It 'has a manifest in order' {
        Test-ModuleManifest "$repository/out/HasuraMigrations/HasuraMigrations.psd1" | Should -Not -BeNullOrEmpty
    }
}

Describe 'A database from empty to applied and back' {
    BeforeAll {
        $sandbox = Start-HasuraSandbox -AllowDownload
        $project = New-TestProject
        $common = @{ Project = $project; Connection = $sandbox }
    }

    AfterAll {
        $sandbox | Stop-HasuraSandbox
        Remove-Item $project -Recurse -Force
    }

    It 'shows the plan and writes nothing' {
        (Invoke-HasuraMigration @common -WhatIf).Version | Should -Be 1, 2, 3
        (Get-HasuraMigration @common -Pending).Count | Should -Be 3
    }

    It 'applies what is piped in' {
        Get-HasuraMigration @common -Pending | Select-Object -First 2 | Invoke-HasuraMigration @common | Should -HaveCount 2
        Test-HasuraMigration @common | Should -BeFalse
    }

    It 'stops where the pipeline stops' {
        $null = Invoke-HasuraMigration @common -WarningVariable warned | Select-Object -First 1
        (Get-HasuraMigration @common -Applied).Count | Should -Be 3
        Test-HasuraMigration @common | Should -BeTrue
    }

    It 'squashes files, and then the records of a database' {
        $copy = Join-Path ([System.IO.Path]::GetTempPath()) ([guid]::NewGuid())
        Copy-Item $project $copy -Recurse
        try {
            (Merge-HasuraMigration 1 2 -Project $copy -NoRecord -SkipProof).Findings.Id | Should -Be 'SquashNotRecorded'
            (Merge-HasuraMigration 1 2 -Project $copy -Connection $sandbox -WhatIf) | Should -BeNullOrEmpty
            Get-HasuraMigration -Project $copy -Connection $sandbox -Applied | Should -HaveCount 3
        }
        finally {
            Remove-Item $copy -Recurse -Force
        }
    }

    It 'merges metadata files' {
        $files = 'a', 'a, b', 'a, c' | ForEach-Object { $file = New-TemporaryFile; Set-Content $file "- role_name: boss`n  role_set: [$_]"; $file }
        (Merge-HasuraMetadata @files -Path inherited_roles.yaml -Destination $files[1]).HasConflicts | Should -BeFalse
        Get-Content $files[1] -Raw | Should -Match '(?s)- a.*- b.*- c'
        Remove-Item $files
    }

    It 'shows a schema' {
        $page = Join-Path ([System.IO.Path]::GetTempPath()) "$([guid]::NewGuid()).html"
        Show-HasuraSchema $page -Project "$repository/samples/blog"
        Get-Content $page -Raw | Should -Match '<svg id="er"'
        (Show-HasuraSchema -Project "$repository/samples/blog").Mermaid | Should -Match '^erDiagram'
        Remove-Item $page
    }

    It 'writes rows to a seed file, and runs it once' {
        $copy = Join-Path ([System.IO.Path]::GetTempPath()) ([guid]::NewGuid())
        Copy-Item $project $copy -Recurse
        $seeds = @{ Project = $copy; Connection = $sandbox }
        try {
            $null = New-HasuraSeed first -Project $copy -Sql 'INSERT INTO t1 VALUES (1), (2);'
            (Invoke-HasuraSeed @seeds -WhatIf).Path | Should -BeLike '*_first.sql'
            (Invoke-HasuraSeed @seeds -Once).Outcome | Should -Be 'Applied'
            (Invoke-HasuraSeed @seeds -Once).Outcome | Should -Be 'Skipped'
            $file = New-HasuraSeed rows @seeds -FromTable t1
            (Get-Content $file.File) | Should -Be 'INSERT INTO public.t1 (id) VALUES (1);', 'INSERT INTO public.t1 (id) VALUES (2);'
            { New-HasuraSeed none @seeds -FromTable t9 } | Should -Throw -ErrorId 'SeedTableNotFound,*'
        }
        finally {
            Remove-Item $copy -Recurse -Force
        }
    }

    It 'rolls back to a version' {
        (Undo-HasuraMigration @common -To 1 -Confirm:$false).Version | Should -Be 3, 2
    }

    It 'gives errors with an id and a recommendation' {
        $failure = { Invoke-HasuraMigration @common -Version 0 } | Should -Throw -PassThru
        $failure.FullyQualifiedErrorId | Should -BeLike 'MigrationVersionInvalid,*'
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'shows a table without colours when redirected' {
        $text = Get-HasuraMigration @common | Out-String
        $text | Should -Match 'Applied.+table_1'
        $text | Should -Not -Match "`e"
    }

    It 'shows everything at the width of a redirected run' {
        $text = Get-HasuraMigration @common | Out-String -Width 80
        $text | Should -Match 'table_1'
        $text | Should -Not -Match '…|\.\.\.'
        ($text -split "`n" | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 81
    }

    It 'joins what is piped in' {
        Get-HasuraMigration @common | Get-HasuraMigration @common | Should -HaveCount 3
        Get-HasuraMigration @common | Select-Object -First 1 | Get-HasuraMigration @common | Should -HaveCount 1
    }

    It 'shows the log' {
        Get-HasuraMigrationLog @common -Version 1 | Select-Object -First 1 -ExpandProperty Version | Should -Be 1
    }

    It 'says what to do where nobody can answer (<_>)' -ForEach 'NonInteractive', 'end of input' {
        $options = @('-NoProfile'; if ($_ -eq 'NonInteractive') { '-NonInteractive' })
        $script = "Import-Module '$repository/out/HasuraMigrations'; try { Undo-HasuraMigration -Project '$project' -ConnectionString '$($sandbox.RevealConnectionString())' } catch { `$_.FullyQualifiedErrorId }"
        $shell = if ((Split-Path ([System.Environment]::ProcessPath) -LeafBase) -eq 'dotnet') { 'dotnet', "$PSHOME/pwsh.dll" } else { , [System.Environment]::ProcessPath }
        $null | & $shell[0] ($shell | Select-Object -Skip 1) @options -Command $script | Select-Object -Last 1 | Should -BeLike '*RollbackNotConfirmed,*'
        (Get-HasuraMigration @common -Version 1).Status | Should -Be 'Applied'
    }

    It 'writes each finding of a script on a line of its own' {
        $bad = New-TestProject -Tables 1
        New-HasuraMigration vacuum -Project $bad -Version 2 -UpSql 'VACUUM;' | Out-Null
        New-HasuraMigration commit -Project $bad -Version 3 -UpSql 'COMMIT;' | Out-Null
        $failure = { Invoke-HasuraMigration -Project $bad -Connection $sandbox -WarningVariable warned -WarningAction Continue 3> $null } | Should -Throw -PassThru
        $failure.ErrorDetails.Message | Should -Not -Match "`n"
        $failure.ErrorDetails.Message | Should -BeLike '*2 errors, listed above: NotInTransaction, TransactionControl.'
        @($failure.Exception.Findings).Count | Should -Be 2
        Remove-Item $bad -Recurse -Force
    }

    It 'completes versions with names as tooltips' {
        $match = Complete "Undo-HasuraMigration -Project '$project' -Version 2" | Where-Object CompletionText -eq '2'
        $match.ToolTip | Should -Be 'table_2'
    }
}

Describe 'Metadata between files and a database' {
    BeforeAll {
        $sandbox = Start-HasuraSandbox -AllowDownload
        $project = Join-Path ([System.IO.Path]::GetTempPath()) "hasura-pester-$([guid]::NewGuid().ToString('N'))"
        Copy-Item "$repository/samples/blog" $project -Recurse
        $common = @{ Project = $project; Connection = $sandbox }
        $null = Invoke-HasuraMigration @common -WarningAction SilentlyContinue
    }

    AfterAll {
        $sandbox | Stop-HasuraSandbox
        Remove-Item $project -Recurse -Force
    }

    It 'is sound in itself' {
        Test-HasuraMetadata -Project $project | Should -BeTrue
        ConvertTo-HasuraMetadata -Project $project -As Json | ConvertFrom-Json -AsHashtable | ForEach-Object version | Should -Be 3
    }

    It 'imports once, and a second time writes nothing' {
        (Import-HasuraMetadata @common -CreateStateStore).Changed | Should -BeTrue
        (Import-HasuraMetadata @common).Changed | Should -BeFalse
        Compare-HasuraMetadata @common | Should -BeNullOrEmpty
        Export-HasuraMetadata @common | Should -BeNullOrEmpty
    }

    It 'takes an object that was changed, and the files tell the difference' {
        $metadata = Export-HasuraMetadata @common -AsObject
        $post = $metadata.Document.sources[0].tables | Where-Object { $_.table.name -eq 'post' }
        $post.select_permissions[0].permission.columns.Add('slug')
        ($metadata | Import-HasuraMetadata @common).Changes.Count | Should -Be 1
        (Compare-HasuraMetadata @common).Description | Should -Be 'role anonymous can no longer select slug on public.post'
        (Export-HasuraMetadata @common).Path | Should -BeLike '*public_post.yaml'
        { $metadata | Import-HasuraMetadata @common } | Should -Throw -ErrorId 'MetadataConflict,*'
    }

    It 'writes the GraphQL schema of each role' {
        $schemas = Export-HasuraApiSchema @common -AllRoles
        $schemas.Role | Should -Contain 'admin'
        ($schemas | Where-Object Role -EQ 'admin').Text | Should -BeLike '*type query_root {*'
    }

    It 'takes what ConvertFrom-Json made' {
        ConvertTo-HasuraMetadata -Project $project -As Json | ConvertFrom-Json | Import-HasuraMetadata @common | ForEach-Object Changed | Should -BeFalse
    }

    It 'shows what depends on a column, and what its drop would break' {
        (Get-HasuraDependency post.author_id @common).Name | Should -Contain 'public.author.posts'
        $impact = Measure-HasuraImpact @common -Drop post.title
        ($impact | Where-Object Effect -eq Breaks).Name | Should -Be 'public.post/select/anonymous'
        $impact | Where-Object Effect -eq Breaks | ForEach-Object { Split-Path -Leaf $_.File } | Should -Be 'public_post.yaml'
        Get-HasuraMetadataInconsistency @common | Should -BeNullOrEmpty
    }

    It 'compares what clients of two schemas meet' {
        Set-Content (Join-Path $project old.graphql) 'type Query { a: Int b: Int }'
        Set-Content (Join-Path $project new.graphql) 'type Query { a: Int! }'
        $old, $new = (Join-Path $project old.graphql), (Join-Path $project new.graphql)
        (Compare-HasuraApiSchema $old $new).Class | Should -Be 'Safe', 'Breaking'
        { Compare-HasuraApiSchema $old $new -FailOn Breaking } | Should -Throw -ErrorId 'ApiSchemaBreaks,*'
        Compare-HasuraApiSchema $new $new | Should -BeNullOrEmpty
    }

    It 'tests the operations of a client' {
        Set-Content (Join-Path $project api.graphql) 'type Query { a: Int }'
        Set-Content (Join-Path $project client.graphql) 'query Good { a } query Bad { b }'
        $tested = Test-HasuraOperation (Join-Path $project client.graphql) -Schema (Join-Path $project api.graphql) -IncludeValid
        $tested.Status | Should -Be 'Valid', 'Invalid'
        { Test-HasuraOperation (Join-Path $project client.graphql) -Schema (Join-Path $project api.graphql) -FailOn Invalid } | Should -Throw -ErrorId 'OperationInvalid,*'
    }

    It 'asks before it clears' {
        (Clear-HasuraMetadata @common -WhatIf).Change | Should -Contain 'Removed'
        (Clear-HasuraMetadata @common -Confirm:$false).Changed | Should -BeTrue
    }
}
