using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Impacts;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Commands;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Schema;
using HasuraMigrations.Engine.Tests.Corpus;
using HasuraMigrations.Engine.Tests.Support;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Impacts;

/// <summary>
/// Random single changes of the sample projects that are consistent: each fault is found at the right object, harmless changes give no
/// finding, the verdict is that of <c>replace_metadata</c>, and a proposal makes the metadata consistent again:
/// <c>dotnet run --project tests/HasuraMigrations.Engine.Tests -- mutants [faults] [harmless] [seed]</c>. Exit code 1 if one is missed.
/// </summary>
internal static class MutantsCommand
{
    /// <summary>First argument that asks for this mode.</summary>
    internal const string Mode = "mutants";

    internal static async Task<int> MainAsync(string[] args)
    {
        if (CorpusCase.Root is null)
        {
            Console.WriteLine("The sample projects are not beside the repository.");
            return 1;
        }

        var (faults, harmless, seed) = (Number(args, 0, 2000), Number(args, 1, 500), Number(args, 2, 1));
        await using var server = new PostgresServer();
        var tally = await RunAsync(server, CorpusCase.All.Values, faults, harmless, seed, Console.WriteLine);
        Console.WriteLine(tally);
        return tally.IsPerfect ? 0 : 1;
    }

    /// <summary>Runs so many changes, spread over the projects.</summary>
    internal static async Task<MutantTally> RunAsync(PostgresServer server, IEnumerable<CorpusCase> cases, int faults, int harmless, int seed, Action<string> tell)
    {
        var tally = new MutantTally();
        // Those that cannot be applied come first, so that the others make up for them.
        var projects = SampleModel.Projects(cases).OrderBy(p => p.All(c => c.Failure is null && !c.NeedsPreloadedCron)).ToList();
        foreach (var (project, index) in projects.Select((p, i) => (p, i)))
        {
            var (model, reason) = await SampleModel.MakeAsync(server, project);
            if (model is null)
            {
                tell($"{project[0].Project}: left out, {reason}");
                continue;
            }

            await using (model)
            {
                var left = projects.Count - index;
                await new MutantRun(model, tally, tell).RunAsync(Share(faults - tally.Faults, left), Share(harmless - tally.Harmless, left), seed + index);
            }
        }

        return tally;
    }

    private static int Share(int count, int parts) => (count + parts - 1) / parts;

    private static int Number(string[] args, int index, int otherwise) => args.Length > index ? int.Parse(args[index]) : otherwise;
}

/// <summary>What became of the changes.</summary>
internal sealed class MutantTally
{
    public int Faults { get; set; }

    public int Breaking { get; set; }

    public int Expected { get; set; }

    public int Missed { get; set; }

    public int Found { get; set; }

    public int Unexplained { get; set; }

    public int Harmless { get; set; }

    public int FalseAlarms { get; set; }

    public int OtherVerdicts { get; set; }

    public int OtherImpacts { get; set; }

    public int Proposals { get; set; }

    public int BadProposals { get; set; }

    public int Orders { get; set; }

    public int Between { get; set; }

    public int BetweenInOrder { get; set; }

    public int BadOrders { get; set; }

    public int NotPossible { get; set; }

    public bool IsPerfect => Missed + Unexplained + FalseAlarms + OtherVerdicts + OtherImpacts + BadProposals + BadOrders == 0 && Faults > 0;

    public override string ToString() =>
        $"{Faults} faults ({Breaking} break something, {NotPossible} more are refused by PostgreSQL); recall {Share(Expected - Missed, Expected)} of {Expected} objects; precision {Share(Found - Unexplained, Found)} of {Found} findings; {Harmless} harmless changes, {FalseAlarms} with a finding; "
        + $"{OtherVerdicts} verdicts differ from replace_metadata; {OtherImpacts} impacts differ from the check; {Proposals} proposals, {BadProposals} not good; "
        + $"{Orders} releases with metadata first, {BadOrders} not good; between SQL and metadata, {Between} objects would be broken, in this order {BetweenInOrder}";

    private static string Share(int part, int whole) => whole == 0 ? "100 %" : $"{100.0 * part / whole:0.##} %";
}

/// <summary>Changes of one project.</summary>
internal sealed class MutantRun(SampleModel sample, MutantTally tally, Action<string> tell)
{
    private readonly MetadataState _before = sample.Model.State;

    private string _source = "";

    public async Task RunAsync(int faults, int harmless, int seed)
    {
        foreach (var (source, number) in sample.Databases.Keys.Select((s, i) => (s, i)))
        {
            _source = source;
            await RunAsync(sample.Databases[source], Part(faults, number), Part(harmless, number), seed + number);
        }
    }

    private int Part(int count, int number) => (count / sample.Databases.Count) + (number < count % sample.Databases.Count ? 1 : 0);

    private async Task RunAsync(TestDatabase database, int faults, int harmless, int seed)
    {
        var mutants = new Mutants(new Random(seed), sample.Model.Document.Root, _before, _source);
        await using var session = await database.OpenAsync();
        for (var (done, tries) = (0, 0); done < faults && tries < faults * 20; tries++)
        {
            done += await TryAsync(session, mutants.Fault()) ? 1 : 0;
        }

        for (var (done, tries) = (0, 0); done < harmless && tries < harmless * 20; tries++)
        {
            done += await TryAsync(session, mutants.Harmless()) ? 1 : 0;
        }
    }

    private async Task<bool> TryAsync(NpgsqlConnection session, Mutant mutant)
    {
        await using var transaction = await session.BeginTransactionAsync();
        var catalog = _before.Facts[_source].Catalog!;
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
            var enums = CommandPrerequisites.EnumTables(_before.Root, null)[_source].Select(t => catalog.FindTable(t.Schema, t.Name)).OfType<CatalogTable>().Select(t => read.FindTable(t.Oid)?.Name).OfType<CatalogName>();
            catalog = await EnumRowsReader.ReadAsync(session, read, enums, default);
        }

        var root = sample.Model.Document.Root;
        if (mutant.Edit is { } edit)
        {
            root = root.DeepClone().AsObject();
            edit(root);
        }

        Judge(mutant, root, catalog);
        return true;
    }

    private void Judge(Mutant mutant, JsonObject root, DatabaseCatalog catalog)
    {
        var facts = new Dictionary<string, SourceFacts>(_before.Facts) { [_source] = new SourceFacts(catalog) };
        var after = new MetadataState(_before.Era, root, facts);
        var found = after.Cache.Inconsistencies.Found.Select(i => i.Id).ToHashSet();
        if (mutant.IsHarmless)
        {
            tally.Harmless++;
            tally.FalseAlarms += found.Count > 0 ? 1 : 0;
            Tell(found.Count > 0, mutant, "a finding", found);
            return;
        }

        tally.Faults++;
        tally.Breaking += found.Count > 0 ? 1 : 0;
        var expected = MutantOracle.Broken(root, _before.Cache, _source, catalog);
        var missed = expected.Where(e => !found.Contains(e) && !IsBelow(e, found)).ToList();
        tally.Expected += expected.Count;
        tally.Missed += missed.Count;
        Tell(missed.Count > 0, mutant, "missed", missed);
        var isRetype = mutant.Text.StartsWith("change type", StringComparison.Ordinal);
        var unexplained = found.Where(f => !expected.Contains(f) && !IsBelow(f, expected) && !isRetype).ToList();
        tally.Found += found.Count;
        tally.Unexplained += unexplained.Count;
        Tell(unexplained.Count > 0, mutant, "not explained", unexplained);
        CompareVerdict(mutant, root, facts, after);
        if (mutant.Sql is not null)
        {
            CompareImpact(mutant, catalog, found);
        }
    }

    // Servers of version 1 tell of the members of a table, those of version 2 of the table alone.
    private static bool IsBelow(ObjectId id, HashSet<ObjectId> found) =>
        (id.Table.Name is not null && found.Contains(ObjectId.OfTable(id.Source, id.Table)))
        || (id.Kind == ObjectKind.CustomTypes && found.Any(f => f.Kind == ObjectKind.CustomTypes))
        || (id.Kind is ObjectKind.Action && found.Any(f => f.Kind == ObjectKind.CustomTypes))
        || (id.Kind == ObjectKind.Function && found.Any(f => f.Kind == ObjectKind.Table))
        || id.Kind is ObjectKind.CollectionQuery or ObjectKind.InheritedRole or ObjectKind.FunctionPermission && found.Count > 0;

    private void CompareVerdict(Mutant mutant, JsonObject root, IReadOnlyDictionary<string, SourceFacts> facts, MetadataState after)
    {
        var empty = new MetadataState(_before.Era, _before.Era.IsVersion1 ? new JsonObject { ["version"] = 2, ["tables"] = new JsonArray() } : new JsonObject { ["version"] = 3, ["sources"] = new JsonArray() }, facts);
        try
        {
            var outcome = MetadataCommands.Run(empty, MetadataCommands.Find(_before.Era, "replace_metadata")!, new JsonObject { ["allow_inconsistent_metadata"] = true, ["metadata"] = root.DeepClone() });
            var theirs = Entries(outcome.State.Cache);
            var ours = Entries(after.Cache);
            var differs = !theirs.SequenceEqual(ours);
            tally.OtherVerdicts += differs ? 1 : 0;
            Tell(differs, mutant, $"another verdict than replace_metadata: {theirs.Except(ours).Concat(ours.Except(theirs)).FirstOrDefault()}", []);
        }
        catch (MetadataCommandException e)
        {
            tally.OtherVerdicts++;
            Tell(true, mutant, $"replace_metadata refuses: {e.Message}", []);
        }
    }

    private static List<string> Entries(SchemaCache cache) => [.. cache.InconsistentObjects().Select(o => o.ToText()).Order(StringComparer.Ordinal)];

    private void CompareImpact(Mutant mutant, DatabaseCatalog catalog, HashSet<ObjectId> found)
    {
        var result = MetadataModel.Of(sample.Model.Document, new Dictionary<string, SourceFacts>(_before.Facts) { [_source] = new SourceFacts(catalog) });
        var impacts = ImpactReader.Read(sample.Model, result, _ => null);
        var broken = impacts.Where(i => i.Effect == ImpactEffect.Breaks).Select(i => (i.Kind, i.Name)).ToHashSet();
        var differs = !broken.SetEquals(found.Where(f => !f.IsInheritance).Select(f => (ObjectNames.KindOf(f), ObjectNames.Text(f))));
        var without = mutant.IsDropOrRename ? impacts.Where(i => i.Effect == ImpactEffect.Breaks && !i.Message.Contains(" was ", StringComparison.Ordinal)).ToList() : [];
        tally.OtherImpacts += differs || without.Count > 0 ? 1 : 0;
        Tell(differs, mutant, "another impact than the check", []);
        Tell(without.Count > 0, mutant, $"an impact without a cause: {without.FirstOrDefault()}", []);
        if (mutant.IsDropOrRename)
        {
            Propose(mutant, catalog);
        }
    }

    private void Propose(Mutant mutant, DatabaseCatalog catalog)
    {
        tally.Proposals++;
        var changes = CatalogChange.Between(_source, _before.Facts[_source].Catalog!, catalog);
        var proposed = MetadataProposal.Make(sample.Model.Document, _before, changes, new Dictionary<string, DatabaseCatalog> { [_source] = catalog });
        var after = new MetadataState(_before.Era, proposed.Root, new Dictionary<string, SourceFacts>(_before.Facts) { [_source] = new SourceFacts(catalog) });
        var problem = after.Cache.Inconsistencies.Found.Count > 0 ? $"still inconsistent: {ObjectNames.Describe(after.Cache.Inconsistencies.Found[0].Id)}: {after.Cache.Inconsistencies.Found[0].Reason}" : MutantAccess.Problem(_before, after, changes);
        tally.BadProposals += problem is null ? 0 : 1;
        Tell(problem is not null, mutant, $"a proposal that is not good: {problem}", []);
        Order(mutant, proposed, catalog);
    }

    // The proposal is the metadata of a release with the change.
    private void Order(Mutant mutant, MetadataDocument next, DatabaseCatalog catalog)
    {
        var drops = new Dictionary<string, DroppedNames> { [_source] = DroppedNames.Of([new ChangeStatement(mutant.Sql!, null, null, null)]) };
        var order = ReferenceOrder.Find(sample.Model, next, drops);
        if (order.First is null)
        {
            return;
        }

        var first = MetadataModel.Of(order.First, _before.Facts).State;
        var facts = new Dictionary<string, SourceFacts>(_before.Facts) { [_source] = new SourceFacts(catalog) };
        var (late, early) = (Broken(sample.Model.Document, facts), Broken(order.First, facts));
        var known = RoleAccess.Of(_before).All.Concat(RoleAccess.Of(MetadataModel.Of(next, _before.Facts).State).All).ToHashSet();
        var gained = RoleAccess.Of(first).All.FirstOrDefault(a => !known.Contains(a));
        var problem = first.Cache.Inconsistencies.Found.FirstOrDefault() is { } found ? $"the metadata that goes first is inconsistent: {found.Reason}"
            : gained.Role is not null ? $"{gained.Role} gains {gained.Operation} of {ObjectNames.Describe(gained.Target)}"
            : early.Except(late).Any() ? $"the order breaks {ObjectNames.Describe(early.Except(late).First())}"
            : null;
        tally.Orders++;
        tally.Between += late.Count;
        tally.BetweenInOrder += early.Count;
        tally.BadOrders += problem is null ? 0 : 1;
        Tell(problem is not null, mutant, $"an order that is not good: {problem}", []);
        Tell(early.Count > 0 && order.Held.Count == 0, mutant, "broken in between", early);
    }

    private static HashSet<ObjectId> Broken(MetadataDocument document, IReadOnlyDictionary<string, SourceFacts> facts) =>
        [.. MetadataModel.Of(document, facts).State.Cache.Inconsistencies.Found.Select(i => i.Id)];

    private void Tell(bool isTold, Mutant mutant, string what, IEnumerable<ObjectId> objects)
    {
        if (isTold)
        {
            tell($"{sample.Name}: {mutant.Text}: {what} {string.Join("; ", objects.Take(3).Select(ObjectNames.Describe))}");
        }
    }
}
