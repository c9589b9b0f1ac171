using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Dumps;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Proofs;
using HasuraMigrations.Engine.Records;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Impacts;

/// <summary>Measures in copies of the schemas of databases, made by pg_dump, with the rows of enum tables alone. The databases are only read.</summary>
/// <param name="project">The project.</param>
/// <param name="changed">The databases that change, and how they are reached.</param>
/// <param name="options">How throwaway databases are made.</param>
/// <param name="inform">Is told what is being done.</param>
public sealed class ImpactCopy(HasuraProject project, IReadOnlyList<(ProjectDatabase Database, ResolvedConnection Connection)> changed, ProofOptions options, Action<string> inform)
{
    /// <summary>Measures something.</summary>
    /// <param name="document">The metadata before the change.</param>
    /// <param name="result">The metadata after it; null where it stays as it is.</param>
    /// <param name="others">The databases of other sources, by their names.</param>
    /// <param name="use">What is measured.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HasuraMigrationException">DumpProgramMissing, DumpFailed, ImpactNotMeasured, and what the start of a sandbox may raise.</exception>
    public async Task<T> UseAsync<T>(MetadataDocument document, MetadataDocument? result, IReadOnlyDictionary<string, HasuraConnection> others, Func<ImpactMeasurer, Task<T>> use, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(others);
        ArgumentNullException.ThrowIfNull(use);
        var databases = new Dictionary<string, HasuraConnection>(others, StringComparer.Ordinal);
        var copies = new Stack<SchemaCopy>();
        try
        {
            foreach (var (database, connection) in changed)
            {
                var copy = await CopyAsync(database, connection, [document, result ?? document], cancellationToken).ConfigureAwait(false);
                copies.Push(copy);
                databases[database.Name] = copy.Connection;
            }

            return await use(new ImpactMeasurer(document, changed.Count == 0 ? "" : changed[0].Database.Name, databases) { Result = result }).ConfigureAwait(false);
        }
        finally
        {
            while (copies.TryPop(out var copy))
            {
                await copy.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task<SchemaCopy> CopyAsync(ProjectDatabase database, ResolvedConnection connection, IReadOnlyList<MetadataDocument> documents, CancellationToken cancellationToken)
    {
        SchemaText schema;
        var target = MigrationTargets.OpenForDumps(connection, database.Name, project.ConfigVersion);
        await using (target.ConfigureAwait(false))
        {
            schema = await new SchemaDump(target).ReadAsync(SchemaSelection.All, cancellationToken).ConfigureAwait(false);
        }

        return await SchemaCopy.MakeAsync(schema, await EnumRowsAsync(database, connection, documents, cancellationToken).ConfigureAwait(false), options, inform, cancellationToken).ConfigureAwait(false);
    }

    // They are values of the API.
    private static async Task<IReadOnlyList<string>> EnumRowsAsync(ProjectDatabase database, ResolvedConnection connection, IReadOnlyList<MetadataDocument> documents, CancellationToken cancellationToken)
    {
        var statements = new List<string>();
        foreach (var document in documents.Distinct())
        {
            var (state, _) = await DocumentCatalogs.ReadAsync(document, new Dictionary<string, HasuraConnection> { [database.Name] = connection.Connection }, withLinks: false, cancellationToken).ConfigureAwait(false);
            if (state.Facts.GetValueOrDefault(database.Name)?.Catalog is { } catalog)
            {
                statements.AddRange(CommandPrerequisites.EnumTables(state.Root, null)[database.Name].Select(t => Insert(catalog, t)).OfType<string>());
            }
        }

        return [.. statements.Distinct()];
    }

    private static string? Insert(DatabaseCatalog catalog, QualifiedName name)
    {
        if (catalog.FindTable(name.Schema, name.Name) is not { PrimaryKey.Columns: [var key] } table || catalog.FindEnumRows(name.Schema, name.Name) is not { Values.Count: > 0 } rows)
        {
            return null;
        }

        var comment = table.Columns.Select(c => c.Name).FirstOrDefault(c => c != key);
        var values = rows.Values.Select(v => comment is null ? $"({OwnStatement.Literal(v.Value)})" : $"({OwnStatement.Literal(v.Value)}, {OwnStatement.Literal(v.Comment)})");
        return $"INSERT INTO {SqlName.Quote(name.Schema)}.{SqlName.Quote(name.Name)} ({SqlName.Quote(key)}{(comment is null ? "" : $", {SqlName.Quote(comment)}")}) VALUES {string.Join(", ", values)}";
    }
}
