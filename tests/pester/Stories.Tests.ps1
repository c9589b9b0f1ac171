BeforeAll {
    . "$PSScriptRoot/common.ps1"
}

Describe 'A module in pwsh' {
    It 'exports its commands with help' {
        $commands = Get-Command -Module HasuraMigrations
        $commands.Count | Should -Be 9
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
        $sandbox = Start-HasuraSandbox
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
        $null = Invoke-HasuraMigration @common | Select-Object -First 1
        (Get-HasuraMigration @common -Applied).Count | Should -Be 3
        Test-HasuraMigration @common | Should -BeTrue
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
        $text | Should -Match 'table_1\s+Applied'
        $text | Should -Not -Match "`e"
    }

    It 'completes versions with names as tooltips' {
        $match = Complete "Undo-HasuraMigration -Project '$project' -Version 2" | Where-Object CompletionText -eq '2'
        $match.ToolTip | Should -Be 'table_2'
    }
}

Describe 'The quick start' {
    It 'runs to its end' {
        & "$repository/samples/quickstart.ps1" | Select-Object -Last 1 | Should -BeFalse
    }
}
