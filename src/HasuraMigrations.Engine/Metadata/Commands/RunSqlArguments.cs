using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Arguments of <c>run_sql</c>.</summary>
/// <param name="Sql">The text.</param>
/// <param name="Source">The source.</param>
/// <param name="IsCascading">What depends on dropped things goes too.</param>
/// <param name="IsReadOnly">In a transaction that may not write.</param>
/// <param name="HasNoTransaction">Statement by statement, without a transaction.</param>
/// <param name="Check">Whether metadata is checked; null to decide by words of the text.</param>
internal sealed record RunSqlArguments(string Sql, string Source, bool IsCascading, bool IsReadOnly, bool HasNoTransaction, bool? Check)
{
    private static readonly Version WithoutTransaction = new(2, 46);

    /// <summary>True where the server would look at the metadata after the text ran.</summary>
    internal bool IsChecked => !IsReadOnly && (Check ?? RunSqlRule.IsChecked(Sql));

    /// <summary>True for arguments that ask for reading only. Their shape is told where they are carried out, not here.</summary>
    internal static bool IsReading(JsonNode? args) => Flag(args, "read_only") ?? false;

    /// <summary>True for arguments with which the server would look at the metadata; as for their shape, see <see cref="IsReading"/>.</summary>
    internal static bool MayChange(JsonNode? args) => !IsReading(args) && (Flag(args, "check_metadata_consistency") ?? RunSqlRule.IsChecked(args.Get("sql").AsText() ?? ""));

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="MetadataCommandException">parse-failed.</exception>
    internal static RunSqlArguments Read(MetadataEra era, JsonNode? node)
    {
        var args = new CommandArguments(era, node);
        var check = args.Map["check_metadata_consistency"] is null ? (bool?)null : args.Flag("check_metadata_consistency");
        return new RunSqlArguments(args.NeededText("sql"), args.Source, args.Flag("cascade"), args.Flag("read_only"), era.Version >= WithoutTransaction && args.Flag("no_transaction"), check);
    }

    private static bool? Flag(JsonNode? args, string key) => args.Get(key) is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : null;
}
