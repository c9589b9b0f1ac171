using System.Text.Json;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>Hasura's record of databases as a JSON document: both stores, whole.</summary>
/// <param name="Databases">The records, one for each database.</param>
public sealed record StateFile(IReadOnlyList<StateRecord> Databases)
{
    private const string CurrentFormat = "hasura-migrations state 1";

    /// <summary>Writes the document as a text.</summary>
    public string ToText() => JsonText.Write(
        new JsonObject
        {
            ["format"] = CurrentFormat,
            ["toolVersion"] = typeof(StateFile).Assembly.GetName().Version!.ToString(3),
            ["created"] = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
            ["databases"] = new JsonArray([.. Databases.Select(ToNode)]),
        },
        isIndented: true) + "\n";

    /// <summary>Reads a file.</summary>
    /// <param name="path">Full path.</param>
    /// <exception cref="HasuraMigrationException">StateFileInvalid, FileUnreadable, FileTooLarge, FileEncodingInvalid.</exception>
    public static StateFile Read(string path)
    {
        var root = Parse(path) as JsonObject;
        var format = root.Get("format").AsText();
        if (format != CurrentFormat)
        {
            throw Invalid(path, format?.StartsWith("hasura-migrations state ", StringComparison.Ordinal) == true ? $"it has the unknown format '{Printable.Of(format)}'" : "it was not written by Export-HasuraMigrationState");
        }

        var databases = root.Get("databases") as JsonArray ?? throw Invalid(path, "'databases' is not a list");
        List<StateRecord> records = [.. databases.Select((d, i) => ToRecord(d, $"databases[{i}]", path))];
        return records.GroupBy(r => r.Database).FirstOrDefault(g => g.Count() > 1) is { } twice
            ? throw Invalid(path, $"it contains the database '{Printable.Of(twice.Key)}' more than once")
            : new StateFile(records);
    }

    /// <summary>The record of a database.</summary>
    /// <exception cref="HasuraMigrationException">StateNotFound.</exception>
    public StateRecord Find(string database, string path) => Databases.FirstOrDefault(r => r.Database == database)
        ?? throw new HasuraMigrationException("StateNotFound", $"The file '{path}' contains no record of the database '{database}'; it contains {(Databases.Count == 0 ? "none" : string.Join(", ", Databases.Select(r => $"'{Printable.Of(r.Database)}'")))}.", database) { File = path };

    private static JsonNode ToNode(StateRecord record) => new JsonObject
    {
        ["name"] = record.Database,
        ["table"] = record.Table is not { } table ? null : new JsonObject
        {
            ["schema_migrations"] = new JsonObject(table.Versions.OrderBy(v => v.Key).Select(v => KeyValuePair.Create($"{v.Key}", (JsonNode?)v.Value))),
            ["migration_settings"] = table.Settings is null ? null : new JsonObject(table.Settings.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value))),
        },
        ["catalog"] = record.Catalog is not { } catalog ? null : new JsonObject
        {
            ["hasura_uuid"] = catalog.InstanceId?.ToString(),
            ["cli_state"] = catalog.State.DeepClone(),
        },
    };

    private static StateRecord ToRecord(JsonNode? node, string place, string path)
    {
        var name = node.Get("name").AsText() ?? throw Invalid(path, $"'{place}.name' is not a text");
        return new StateRecord(name, ToTable(node.Get("table"), $"{place}.table", path), ToCatalog(node.Get("catalog"), $"{place}.catalog", path));
    }

    private static StateTable? ToTable(JsonNode? node, string place, string path)
    {
        if (node is null)
        {
            return null;
        }

        var versions = new Dictionary<long, bool>();
        foreach (var (key, value) in Map(node.Get("schema_migrations"), $"{place}.schema_migrations", path))
        {
            if (!CatalogStateDocument.IsVersion(key, out var version) || value?.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False))
            {
                throw Invalid(path, $"'{place}.schema_migrations' has '{Printable.Of(key)}: {Printable.Of(value.ToText())}', which is no version with true or false for dirty");
            }

            versions[version] = value.GetValue<bool>();
        }

        return new StateTable(versions, node.Get("migration_settings") is not { } settings ? null : Map(settings, $"{place}.migration_settings", path).ToDictionary(
            s => s.Key,
            s => s.Value.AsText() ?? throw Invalid(path, $"the setting '{Printable.Of(s.Key)}' in '{place}.migration_settings' is not a text")));
    }

    private static StateCatalog? ToCatalog(JsonNode? node, string place, string path) => node is null
        ? null
        : new StateCatalog(Guid.TryParse(node.Get("hasura_uuid").AsText(), out var id) ? id : null, Map(node.Get("cli_state"), $"{place}.cli_state", path));

    private static JsonObject Map(JsonNode? node, string place, string path) => node as JsonObject ?? throw Invalid(path, $"'{place}' is not a map");

    private static JsonNode? Parse(string path)
    {
        var text = TextFile.Read(path).Text;
        try
        {
            using (var document = JsonDocument.Parse(text))
            {
                RefuseDuplicates(document.RootElement, path);
            }

            return JsonNode.Parse(text);
        }
        catch (JsonException e)
        {
            throw Invalid(path, $"line {e.LineNumber + 1}: {e.Message.Split(" LineNumber:", 2)[0].TrimEnd('.')}", e, e.LineNumber);
        }
    }

    // A tree of nodes finds them only when it is used.
    private static void RefuseDuplicates(JsonElement element, string path)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
            {
                RefuseDuplicates(item, path);
            }
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            var keys = new HashSet<string>(StringComparer.Ordinal);
            foreach (var property in element.EnumerateObject())
            {
                if (!keys.Add(property.Name))
                {
                    throw Invalid(path, $"the key '{Printable.Of(property.Name)}' is given twice in one map");
                }

                RefuseDuplicates(property.Value, path);
            }
        }
    }

    private static HasuraMigrationException Invalid(string path, string why, Exception? cause = null, long? line = null) =>
        new("StateFileInvalid", $"The file '{path}' cannot be imported: {why}.", path, cause) { File = path, Line = line is { } l ? (int)l + 1 : null };
}
