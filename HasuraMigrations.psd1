# Lists without @(), which the shell would compile a script for in each process that imports the module.
@{
    RootModule           = 'HasuraMigrations.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '0f2a3b64-5d3c-4f0a-9c1f-6f1a4f0b7c52'
    Author               = 'HasuraMigrations contributors'
    CompanyName          = 'HasuraMigrations contributors'
    Copyright            = 'Copyright (c) 2026 HasuraMigrations contributors'
    Description          = 'Hasura migrations and metadata from PowerShell: plan, apply, roll back and check, against a Postgres database.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = 'Core'
    RequiredAssemblies   = 'HasuraMigrations.Contracts.dll'
    FormatsToProcess     = 'HasuraMigrations.format.ps1xml'
    TypesToProcess       = 'HasuraMigrations.types.ps1xml'
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()
    CmdletsToExport      = 'Clear-HasuraMetadata',
        'Compare-HasuraApiSchema',
        'Compare-HasuraMetadata',
        'Connect-HasuraServer',
        'ConvertTo-HasuraMetadata',
        'Disconnect-HasuraServer',
        'Export-HasuraApiSchema',
        'Export-HasuraMetadata',
        'Export-HasuraMigrationState',
        'Export-HasuraReport',
        'Get-HasuraConnection',
        'Get-HasuraDependency',
        'Get-HasuraMetadataInconsistency',
        'Get-HasuraMigration',
        'Get-HasuraMigrationLog',
        'Get-HasuraMigrationSetting',
        'Get-HasuraMigrationState',
        'Get-HasuraProject',
        'Import-HasuraMetadata',
        'Import-HasuraMigrationState',
        'Initialize-HasuraProject',
        'Invoke-HasuraMetadataApi',
        'Invoke-HasuraMigration',
        'Invoke-HasuraSeed',
        'Measure-HasuraImpact',
        'Merge-HasuraMetadata',
        'Merge-HasuraMigration',
        'New-HasuraMigration',
        'New-HasuraSeed',
        'Publish-HasuraProject',
        'Remove-HasuraMetadataInconsistency',
        'Remove-HasuraMigration',
        'Repair-HasuraMigration',
        'Set-HasuraMigrationSetting',
        'Show-HasuraSchema',
        'Start-HasuraSandbox',
        'Stop-HasuraSandbox',
        'Test-HasuraMetadata',
        'Test-HasuraMigration',
        'Test-HasuraOperation',
        'Test-HasuraProject',
        'Test-HasuraServer',
        'Undo-HasuraMigration',
        'Update-HasuraMetadata',
        'Update-HasuraProject',
        'Wait-HasuraServer'
    PrivateData          = @{
        PSData = @{
            Tags         = 'PSEdition_Core', 'Windows', 'Linux', 'MacOS', 'Hasura', 'GraphQL', 'PostgreSQL', 'Migration'
            ProjectUri   = 'https://hasura-migrations.example'
            LicenseUri   = 'https://opensource.org/license/mit'
            ReleaseNotes = 'See CHANGELOG.md.'
        }
    }
}
