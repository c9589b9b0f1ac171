namespace HasuraMigrations.Engine.Dumps;

/// <summary>Makes the text of a migration of the objects that a database has.</summary>
/// <param name="target">The database.</param>
public sealed class SchemaDump(IDumpTarget target)
{
    // The first three are those of Hasura's CLI (hasura migrate create --from-server). Tablespaces are of one machine; subscriptions
    // contain connection strings.
    private static readonly string[] Options = ["--no-owner", "--no-acl", "--schema-only", "--no-tablespaces", "--no-subscriptions"];

    /// <summary>Reads the schema.</summary>
    /// <param name="selection">Which schemas.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">SchemaInvalid, DumpProgramMissing, DumpFailed, and the errors of the target.</exception>
    public async Task<SchemaText> ReadAsync(SchemaSelection selection, CancellationToken cancellationToken)
    {
        var dump = await target.DumpAsync([.. Options, .. selection.Options], cancellationToken).ConfigureAwait(false);
        var schema = SchemaText.Of(dump);
        if (!selection.IsPartial)
        {
            return schema;
        }

        // With --schema, pg_dump leaves out all extensions, also those that the schemas use.
        var all = SchemaText.Of(await target.DumpAsync([.. Options, .. SchemaSelection.All.Options], cancellationToken).ConfigureAwait(false));
        var places = selection.Included.Append("public").Append("pg_catalog").Except(selection.Excluded).ToHashSet();
        return schema.Beginning([.. schema.Of(SchemaStatementKind.Schema), .. all.ExtensionsIn(places)]);
    }
}
