using System.Text.Json;
using System.Text.Json.Serialization;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Releases;

/// <summary>A plan as a file: made once, looked at, and then applied as it is or not at all. It contains no secret and no SQL.</summary>
public sealed record PlanFile
{
    /// <summary>The format that this version of the module reads and writes.</summary>
    private const string CurrentFormat = "hasura-migrations plan 1";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonStringEnumConverter(allowIntegerValues: false) },
        // Names of migrations stay readable; nobody puts the file into a page.
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Name and number of the format.</summary>
    public string Format { get; init; } = CurrentFormat;

    /// <summary>The command that made the plan, and that applies it.</summary>
    public required string Command { get; init; }

    /// <summary>Version of the module.</summary>
    public required string ToolVersion { get; init; }

    /// <summary>When the plan was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>What is to run on each database.</summary>
    public IReadOnlyList<DatabasePlan> Databases { get; init; } = [];

    /// <summary>What is to become of the metadata; null for nothing.</summary>
    public MetadataPlan? Metadata { get; init; }

    /// <summary>Seed files are recorded, and left out where they are unchanged.</summary>
    public bool SeedsOnce { get; init; }

    /// <summary>A plan made now by this version.</summary>
    /// <param name="command">The command that makes it.</param>
    public static PlanFile Of(string command) => new()
    {
        Command = command,
        ToolVersion = typeof(PlanFile).Assembly.GetName().Version!.ToString(3),
        Created = DateTimeOffset.UtcNow,
    };

    /// <summary>Writes the file, or replaces it as a whole.</summary>
    /// <exception cref="HasuraMigrationException">FileUnwritable.</exception>
    public void Write(string path) => WholeFile.Write(path, JsonSerializer.Serialize(this, Options) + "\n", mayReplace: true);

    /// <summary>Reads a file.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="command">The command that is to apply it.</param>
    /// <exception cref="HasuraMigrationException">PlanFileInvalid, FileUnreadable, FileTooLarge, FileEncodingInvalid.</exception>
    public static PlanFile Read(string path, string command)
    {
        var text = TextFile.Read(path).Text;
        RequireFormat(text, path);
        PlanFile plan;
        try
        {
            plan = JsonSerializer.Deserialize<PlanFile>(text, Options) ?? throw Invalid(path, "it is empty");
        }
        catch (JsonException e)
        {
            throw Invalid(path, $"{e.Message.Split(" Path:", 2)[0].TrimEnd('.')}{(string.IsNullOrEmpty(e.Path) ? "" : $" (at {e.Path})")}", e, e.LineNumber);
        }

        if (!plan.IsComplete)
        {
            throw Invalid(path, "a value in it is null");
        }

        if (plan.Databases.DistinctBy(d => d.Database).Count() < plan.Databases.Count)
        {
            throw Invalid(path, "it names a database twice");
        }

        if (plan is { Databases.Count: 0, Metadata: null })
        {
            throw Invalid(path, "it contains nothing");
        }

        return plan.Command == command ? plan : throw Invalid(path, $"it was made by {Printable.Of(plan.Command)}, and only that command applies it");
    }

    // The reader refuses what is missing, and lets null pass.
    private bool IsComplete => Command is not null && ToolVersion is not null && Databases?.All(d => d is { IsComplete: true }) == true && Metadata is not { IsComplete: false };

    // A file of a later version is told as one, whatever else it has.
    private static void RequireFormat(string text, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var format = document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("format", out var value) ? value.ToString() : null;
            if (format != CurrentFormat)
            {
                throw Invalid(path, format?.StartsWith("hasura-migrations plan ", StringComparison.Ordinal) == true ? $"it has the unknown format '{Printable.Of(format)}'" : "it is no plan of this module");
            }
        }
        catch (JsonException e)
        {
            throw Invalid(path, e.Message.Split(" LineNumber:", 2)[0].TrimEnd('.'), e, e.LineNumber);
        }
    }

    private static HasuraMigrationException Invalid(string path, string why, Exception? cause = null, long? line = null) =>
        new("PlanFileInvalid", $"The plan '{path}' cannot be used: {why}.", path, cause) { File = path, Line = line is { } l ? (int)l + 1 : null };
}
