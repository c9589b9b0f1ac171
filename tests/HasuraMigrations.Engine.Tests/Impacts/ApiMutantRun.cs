using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Impacts;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Tests.Metadata.Api;
using HasuraMigrations.Engine.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Impacts;

/// <summary>Changes of the schemas of one project.</summary>
internal sealed class ApiMutantRun(SampleModel sample, ApiMutantTally tally, GraphqlJs? program, Action<string> tell)
{
    private readonly MetadataState _before = sample.Model.State;
    private readonly ApiSettings _settings = new() { Era = sample.Model.State.Era };
    private readonly Dictionary<string, (ApiSchema Schema, JsonNode Text)> _known = [];
    private ApiSchemaBuilder? _builder;
    private LossAgreement? _losses;

    public async Task RunAsync(int count, int seed)
    {
        foreach (var (source, number) in sample.Databases.Keys.Select((s, i) => (s, i)))
        {
            var part = (count / sample.Databases.Count) + (number < count % sample.Databases.Count ? 1 : 0);
            await RunAsync(source, part, new Random(seed + number));
        }
    }

    private async Task RunAsync(string source, int count, Random random)
    {
        _builder ??= new ApiSchemaBuilder(_before, _settings);
        _losses ??= new LossAgreement(_before, _settings);
        var (faults, changes, schemas) = (new Mutants(random, sample.Model.Document.Root, _before, source), new ApiMutants(random, sample.Model.Document.Root, _before, source), new SchemaMutants(random));
        await using var session = await sample.Databases[source].OpenAsync();
        for (var (done, tries) = (0, 0); done < count && tries < count * 20; tries++)
        {
            var isDone = random.Next(10) switch
            {
                0 or 1 => await OfSchemaAsync(schemas, random),
                2 or 3 => await TryAsync(session, source, faults.Fault()),
                4 or 5 or 6 => await TryAsync(session, source, changes.Sql()),
                _ => await TryAsync(session, source, changes.Metadata()),
            };
            done += isDone ? 1 : 0;
        }
    }

    private async Task<bool> OfSchemaAsync(SchemaMutants mutants, Random random)
    {
        var role = _builder!.Roles[random.Next(_builder.Roles.Count)];
        var before = SchemaMutants.WithAll(Known(role).Schema);
        if (mutants.Of(before) is not { } mutant)
        {
            return false;
        }

        tally.Changes++;
        await CompareAsync(mutant.Text, $"{role} with all", (before, IntrospectionWalk.Introspection(before)), mutant.Schema);
        return true;
    }

    private async Task<bool> TryAsync(NpgsqlConnection session, string source, Mutant mutant)
    {
        await using var transaction = await session.BeginTransactionAsync();
        var catalog = _before.Facts[source].Catalog!;
        if (mutant.Sql is not null)
        {
            try
            {
                await using var command = new NpgsqlCommand(mutant.Sql, session);
                await command.ExecuteNonQueryAsync();
            }
            catch (PostgresException)
            {
                tally.NotPossible++;
                return false;
            }

            var read = await CatalogFactsReader.ReadAsync(session, withSystem: false, default);
            // Enum tables by the names that they have now.
            var enums = CommandPrerequisites.EnumTables(_before.Root, null)[source].Select(t => catalog.FindTable(t.Schema, t.Name)).OfType<CatalogTable>().Select(t => read.FindTable(t.Oid)?.Name).OfType<CatalogName>();
            catalog = await EnumRowsReader.ReadAsync(session, read, enums, default);
        }

        var document = sample.Model.Document;
        if (mutant.Edit is { } edit)
        {
            document = document.Clone();
            edit(document.Root);
        }

        tally.Changes++;
        await JudgeAsync(mutant, MetadataModel.Of(document, new Dictionary<string, SourceFacts>(_before.Facts) { [source] = new SourceFacts(catalog) }));
        return true;
    }

    private async Task JudgeAsync(Mutant mutant, MetadataModel result)
    {
        var builder = new ApiSchemaBuilder(result.State, _settings);
        var schemas = new Dictionary<string, (ApiSchema Before, ApiSchema After)>();
        foreach (var role in _builder!.Roles.Union(builder.Roles))
        {
            var (before, after) = (Known(role), builder.Build(role));
            schemas[role] = (before.Schema, after);
            await CompareAsync(mutant.Text, role, before, after);
        }

        var impacts = ImpactReader.Read(sample.Model, result, _ => null);
        foreach (var problem in _losses!.Problems(impacts, schemas, result.State, tally))
        {
            tell($"{sample.Name}: {mutant.Text}: {problem}");
        }
    }

    private async Task CompareAsync(string mutant, string role, (ApiSchema Schema, JsonNode Text) before, ApiSchema after)
    {
        var changes = ApiSchemaComparer.Compare(before.Schema, after);
        var text = IntrospectionWalk.Introspection(after);
        var (reported, walked) = (changes.Select(c => $"{c.Path} {c.Criterion} {c.Class}").ToHashSet(), IntrospectionWalk.Differences(before.Text, text));
        tally.Schemas++;
        tally.Differing += changes.Count > 0 ? 1 : 0;
        tally.Reported += changes.Count;
        if (Count(mutant, role, "reported", reported, "walked", walked))
        {
            tally.OtherDifferences++;
        }

        if (program is not null && (changes.Count > 0 || walked.Count > 0))
        {
            var said = GraphqlJs.Comparable(await program.ChangesAsync($"{sample.Name} {role}", before.Text, text));
            tally.OtherClasses += Count(mutant, role, "reported", GraphqlJs.Expected(changes), "graphql-js", said) ? 1 : 0;
        }
    }

    private bool Count(string mutant, string role, string left, HashSet<string> ours, string right, HashSet<string> theirs)
    {
        if (ours.SetEquals(theirs))
        {
            return false;
        }

        tell($"{sample.Name}: {mutant}: role {role}: only {left}: {string.Join("; ", ours.Except(theirs).Take(3))}; only {right}: {string.Join("; ", theirs.Except(ours).Take(3))}");
        return true;
    }

    private (ApiSchema Schema, JsonNode Text) Known(string role)
    {
        if (!_known.TryGetValue(role, out var known))
        {
            var schema = _builder!.Build(role);
            _known[role] = known = (schema, IntrospectionWalk.Introspection(schema));
        }

        return known;
    }
}
