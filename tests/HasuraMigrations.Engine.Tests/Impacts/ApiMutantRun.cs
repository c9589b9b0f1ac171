using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Impacts;
using HasuraMigrations.Engine.Metadata.Api;
using HasuraMigrations.Engine.Metadata.Api.Changes;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Tests.Metadata.Api;
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
            var isDone = random.Next(13) switch
            {
                10 => await TryPairAsync(session, source, changes.Sql(), changes.Metadata()),
                11 => await TryPairAsync(session, source, faults.Fault(), changes.Metadata()),
                12 => await TryPairAsync(session, source, changes.Sql(), random.Next(2) == 0 ? changes.Sql() : faults.Fault()),
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
        var catalog = await RunAsync(session, source, _before.Facts[source].Catalog!, mutant);
        if (catalog is null)
        {
            return false;
        }

        tally.Changes++;
        await JudgeAsync(mutant, ModelOf(source, [mutant], catalog));
        return true;
    }

    private async Task<DatabaseCatalog?> RunAsync(NpgsqlConnection session, string source, DatabaseCatalog known, Mutant mutant)
    {
        if (mutant.Sql is null)
        {
            return known;
        }

        try
        {
            await using var command = new NpgsqlCommand(mutant.Sql, session);
            await command.ExecuteNonQueryAsync();
        }
        catch (PostgresException)
        {
            tally.NotPossible++;
            return null;
        }

        var read = await CatalogFactsReader.ReadAsync(session, withSystem: false, default);
        // Enum tables by the names that they have now.
        var enums = CommandPrerequisites.EnumTables(_before.Root, null)[source].Select(t => _before.Facts[source].Catalog!.FindTable(t.Schema, t.Name)).OfType<CatalogTable>().Select(t => read.FindTable(t.Oid)?.Name).OfType<CatalogName>();
        return await EnumRowsReader.ReadAsync(session, read, enums, default);
    }

    private MetadataModel ModelOf(string source, IEnumerable<Mutant> mutants, DatabaseCatalog catalog)
    {
        var document = sample.Model.Document;
        foreach (var edit in mutants.Select(m => m.Edit).OfType<Action<JsonObject>>())
        {
            document = document.Clone();
            edit(document.Root);
        }

        return MetadataModel.Of(document, new Dictionary<string, SourceFacts>(_before.Facts) { [source] = new SourceFacts(catalog) });
    }

    // What one of two changes alone would do, and the other would not, is caused by it.
    private async Task<bool> TryPairAsync(NpgsqlConnection session, string source, Mutant one, Mutant other)
    {
        var none = _before.Facts[source].Catalog!;
        async Task<(DatabaseCatalog Own, DatabaseCatalog All)?> TryAsync(params Mutant[] mutants)
        {
            await using var transaction = await session.BeginTransactionAsync();
            var (own, all) = (none, none);
            foreach (var mutant in mutants)
            {
                if (await RunAsync(session, source, all, mutant) is not { } next)
                {
                    return null;
                }

                (own, all) = (all, next);
            }

            return (own, all);
        }

        MetadataModel both, left, right;
        try
        {
            if (await TryAsync(one, other) is not { } together || await TryAsync(other) is not { } second)
            {
                return false;
            }

            (both, left, right) = (ModelOf(source, [one, other], together.All), ModelOf(source, [one], together.Own), ModelOf(source, [other], second.All));
            var trace = new ChangeTrace(
                [.. Step(one, none, together.Own), .. Step(other, together.Own, together.All)],
                [.. new[] { one, other }.Where(m => m.Sql is not null).Select(Statement)]);
            tally.Changes++;
            JudgeCauses($"{one.Text} + {other.Text}", (one, other), new ApiDifference(sample.Model, both, trace, _settings), left, right);
            return true;
        }
        catch (InvalidOperationException)
        {
            // The second change of the metadata meets nothing that the first left.
            return false;
        }

        IEnumerable<ChangeStep> Step(Mutant mutant, DatabaseCatalog before, DatabaseCatalog after) => mutant.Sql is null ? [] : [new ChangeStep(Statement(mutant), source, before, after)];
    }

    private static ChangeStatement Statement(Mutant mutant) => new(mutant.Sql!, null, null, null);

    private void JudgeCauses(string text, (Mutant One, Mutant Other) mutants, ApiDifference difference, MetadataModel left, MetadataModel right)
    {
        var (one, other) = (new ApiDifference(sample.Model, left, ChangeTrace.None, _settings), new ApiDifference(sample.Model, right, ChangeTrace.None, _settings));
        var (leftTexts, rightTexts) = (Texts(mutants.One, left), Texts(mutants.Other, right));
        // Two changes of one object are one change of the metadata.
        if (Ids(left).Overlaps(Ids(right)))
        {
            return;
        }

        foreach (var role in difference.Roles)
        {
            var (ofOne, ofOther) = (Keys(one.Compare(role)), Keys(other.Compare(role)));
            foreach (var change in difference.Compare(role))
            {
                var key = $"{change.Path} {change.Criterion}";
                if (ofOne.Contains(key) == ofOther.Contains(key))
                {
                    continue;
                }

                tally.Causes++;
                tally.NoCauses += change.Cause is null ? 1 : 0;
                var expected = ofOne.Contains(key) ? leftTexts : rightTexts;
                if (change.Cause is not null && !expected.Contains(change.Statement ?? change.Cause))
                {
                    tally.OtherCauses++;
                    tell($"{sample.Name}: {text}: role {role}: {key} has the cause {change.Statement ?? change.Cause}, not {expected.FirstOrDefault()}");
                }
                else if (change.Cause is null && change.Criterion != ApiCriterion.DescriptionChanged)
                {
                    tell($"{sample.Name}: {text}: role {role}: {key} has no cause, not {expected.FirstOrDefault()} (told alone)");
                }
            }
        }
    }

    private HashSet<string> Texts(Mutant mutant, MetadataModel model) =>
        mutant.Sql is not null ? [Statement(mutant).Short] : [.. MetadataComparer.Compare(sample.Model.Document, model.Document).Select(c => c.Description)];

    private HashSet<string> Ids(MetadataModel model) => [.. MetadataComparer.Compare(sample.Model.Document, model.Document).Select(c => c.Id)];

    private static HashSet<string> Keys(IEnumerable<HasuraApiChange> changes) => [.. changes.Select(c => $"{c.Path} {c.Criterion}")];

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
