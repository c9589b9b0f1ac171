using System.Text;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Yaml;

namespace HasuraMigrations.Engine.Squashing;

/// <summary>
/// The texts of the steps of a squashed migration. All is SQL where the range has no actions on metadata. Else the SQL that runs
/// before the first action of an up step, or behind the last of a down step, has a file; SQL between actions is an action, too, so
/// that everything runs in its old order.
/// </summary>
/// <param name="direction">The direction of the steps.</param>
/// <param name="head">The comments at the top, for SQL or YAML.</param>
internal sealed class SquashText(MigrationDirection direction, Func<bool, string> head)
{
    /// <summary>Writes the steps.</summary>
    /// <param name="items">What they do, in the order in which it runs.</param>
    /// <param name="missing">Migrations without a step, for a comment.</param>
    /// <param name="isNeeded">True where there has to be a step, even if nothing is left to do.</param>
    /// <exception cref="HasuraMigrationException">SquashSqlAmbiguous.</exception>
    internal IReadOnlyList<SourceStep> Write(IReadOnlyList<SquashItem> items, IReadOnlyDictionary<long, string> missing, bool isNeeded)
    {
        if (items.Count == 0)
        {
            // A file of comments would be taken for one that is still to be written.
            return isNeeded ? [new SourceStep(SqlKind, StepText.Of($"{head(false)}\n-- Nothing is left to do.\nSELECT 1;\n"))] : [];
        }

        var separated = SqlJoin.Separated(items);
        var isUp = direction == MigrationDirection.Up;
        var count = CountForFile(isUp ? separated : [.. separated.AsEnumerable().Reverse()]);
        var sql = isUp ? separated[..count] : separated[^count..];
        var actions = isUp ? separated[count..] : separated[..^count];
        SourceStep? sqlStep = count == 0 ? null : new SourceStep(SqlKind, StepText.Of(Sql(sql, missing)));
        SourceStep? yamlStep = actions.Count == 0 ? null : new SourceStep(isUp ? MigrationStepKind.UpYaml : MigrationStepKind.DownYaml, StepText.Of(Yaml(actions, count == 0 ? missing : new Dictionary<long, string>())));
        return [.. (isUp ? [sqlStep, yamlStep] : new[] { yamlStep, sqlStep }).OfType<SourceStep>()];
    }

    /// <summary>How many items can be SQL in a file, counted from the end of the work that has the file.</summary>
    private static int CountForFile(List<SquashItem> items)
    {
        var count = items.TakeWhile(i => i.FitsIntoFile).Count();
        // What a file sets holds for the rest of it, which would be in another step.
        if (count > 0 && count < items.Count && items[count].File == items[count - 1].File && items.Exists(i => i.File == items[count].File && i.Leftovers.Removal.Any()))
        {
            count = items.FindIndex(i => i.File == items[count].File);
        }

        return count;
    }

    private MigrationStepKind SqlKind => direction == MigrationDirection.Up ? MigrationStepKind.UpSql : MigrationStepKind.DownSql;

    private string Sql(List<SquashItem> items, IReadOnlyDictionary<long, string> missing)
    {
        var text = new StringBuilder(head(false));
        var noted = missing.ToDictionary();
        SourceMigration? at = null;
        foreach (var item in items)
        {
            if (at != item.Migration)
            {
                at = item.Migration;
                NoteMissing(text, noted, item.Migration.Version);
                text.Append('\n').Append($"-- {at.Version}_{at.Name}").Append('\n');
            }

            text.Append(item.Sql);
        }

        NoteMissing(text, noted, null);
        var joined = text.ToString();
        return SqlJoin.FirstAmbiguous(items, SqlScript.Parse(joined)) is { } ambiguous ? throw Ambiguous(ambiguous) : joined;
    }

    // Those of newer migrations stand where their statements would.
    private static void NoteMissing(StringBuilder text, Dictionary<long, string> missing, long? before)
    {
        foreach (var (version, why) in missing.Where(m => before is null || m.Key > before).OrderByDescending(m => m.Key).ToList())
        {
            text.Append('\n').Append($"-- {why}").Append('\n');
            missing.Remove(version);
        }
    }

    private string Yaml(List<SquashItem> items, IReadOnlyDictionary<long, string> missing) =>
        head(true) + string.Concat(missing.Values.Select(why => $"# {why}\n")) + YamlWriter.Write(new JsonArray([.. items.Select(i => i.ToAction())]), MetadataFileStyle.Cli10);

    private static HasuraMigrationException Ambiguous(SquashItem item) =>
        new("SquashSqlAmbiguous", $"The statements of '{item.File}' are read differently behind those of the migrations before it, so the files cannot be joined.", item.Migration.Version)
        {
            File = item.File,
            Line = item.Position.Line,
            Column = item.Position.Column,
        };
}
