using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Comparing;

/// <summary>Says what a changed permission of a role on a table means.</summary>
internal static class PermissionSentences
{
    private const string Columns = "permission.columns";

    internal static string Of(MetadataObjectName name, MetadataChangeKind change, JsonObject? old, JsonObject? @new, IReadOnlyList<MetadataFieldChange> fields)
    {
        var role = $"role {name.Name}";
        var verb = Verb(name.Kind);
        return change switch
        {
            MetadataChangeKind.Added => $"{role} can now {verb} {Objects(name, @new!["permission"])}{Rows(name.Kind, @new["permission"])}{Aggregates(name, @new["permission"])}",
            MetadataChangeKind.Removed => $"{role} can no longer {verb} {Preposition(name.Kind, isWithColumns: false)}{name.Parent}",
            _ => Changed(name, role, verb, old!, @new!, fields),
        };
    }

    private static string Changed(MetadataObjectName name, string role, string verb, JsonObject old, JsonObject @new, IReadOnlyList<MetadataFieldChange> fields)
    {
        var sentences = new List<string>();
        var rest = new List<MetadataFieldChange>();
        foreach (var field in fields)
        {
            switch (field.Path)
            {
                case Columns or "permission.computed_fields":
                    AddColumns(sentences, name, role, verb, ColumnsOf(old, field.Path), ColumnsOf(@new, field.Path));
                    break;
                case "permission.filter":
                    sentences.Add($"the rows role {name.Name} can {verb} {Of(name.Kind)}{name.Parent} were those with {Condition(field.Old)}, are those with {Condition(field.New)}");
                    break;
                case "permission.check":
                    sentences.Add($"what role {name.Name} writes into {name.Parent} had to meet {Check(field.Old)}, has to meet {Check(field.New)}");
                    break;
                case "permission.allow_aggregations":
                    sentences.Add($"{role} can {(field.New == "true" ? "now" : "no longer")} aggregate {name.Parent}");
                    break;
                default:
                    rest.Add(field);
                    break;
            }
        }

        if (rest.Count > 0)
        {
            sentences.Add($"the {verb} permission of {role} on {name.Parent} changed: {ChangeSentences.FieldList(rest)}");
        }

        return string.Join("; ", sentences);
    }

    private static void AddColumns(List<string> sentences, MetadataObjectName name, string role, string verb, HashSet<string>? old, HashSet<string>? @new)
    {
        var into = Preposition(name.Kind, isWithColumns: true);
        if (@new is null)
        {
            sentences.Add($"{role} can now {verb} every column {into}{name.Parent}");
        }
        else if (old is null)
        {
            sentences.Add($"{role} can now {verb} only {List(@new)} {into}{name.Parent}, no longer every column");
        }
        else
        {
            var added = @new.Except(old).ToList();
            var removed = old.Except(@new).ToList();
            if (added.Count > 0)
            {
                sentences.Add($"{role} can now {verb} {List(added)} {into}{name.Parent}");
            }

            if (removed.Count > 0)
            {
                sentences.Add($"{role} can no longer {verb} {List(removed)} {into}{name.Parent}");
            }
        }
    }

    private static string Objects(MetadataObjectName name, JsonNode? permission)
    {
        var isComplete = permission.Get("columns") is not JsonArray;
        return name.Kind == MetadataObjectKind.DeletePermission ? $"from {name.Parent}"
            : isComplete ? $"every column {Preposition(name.Kind, isWithColumns: true)}{name.Parent}"
            : $"{List(permission!["columns"].AsTexts().Concat(permission["computed_fields"].AsTexts()))} {Preposition(name.Kind, isWithColumns: true)}{name.Parent}";
    }

    private static string Rows(MetadataObjectKind kind, JsonNode? permission)
    {
        var condition = kind == MetadataObjectKind.InsertPermission ? permission.Get("check") : permission.Get("filter");
        return condition is JsonObject { Count: > 0 } ? $" where {condition.ToText()}" : "";
    }

    private static string Aggregates(MetadataObjectName name, JsonNode? permission) =>
        permission.Get("allow_aggregations")?.ToText() == "true" ? $"; role {name.Name} can now aggregate {name.Parent}" : "";

    // Every column is "*", and for an insert also the absence of a list.
    private static HashSet<string>? ColumnsOf(JsonObject permission, string path)
    {
        var value = permission["permission"].Get(path.Split('.')[1]);
        return path == Columns && value is not JsonArray ? null : value.AsTexts().ToHashSet(StringComparer.Ordinal);
    }

    private static string Condition(string? json) => json is null or "{}" or "null" ? "no condition" : json;

    // An update permission without a check is not one with an empty check, though both let everything through.
    private static string Check(string? json) => json is null or "null" ? "no check" : Condition(json);

    private static string List(IEnumerable<string> names) => names.ToList() is { Count: > 0 } list ? string.Join(", ", list) : "no column";

    private static string Verb(MetadataObjectKind kind) => kind switch
    {
        MetadataObjectKind.InsertPermission => "insert",
        MetadataObjectKind.SelectPermission => "select",
        MetadataObjectKind.UpdatePermission => "update",
        _ => "delete",
    };

    private static string Preposition(MetadataObjectKind kind, bool isWithColumns) => kind switch
    {
        MetadataObjectKind.InsertPermission => "into ",
        MetadataObjectKind.DeletePermission => "from ",
        MetadataObjectKind.SelectPermission when !isWithColumns => "from ",
        MetadataObjectKind.UpdatePermission when !isWithColumns => "",
        _ => "on ",
    };

    private static string Of(MetadataObjectKind kind) => kind is MetadataObjectKind.DeletePermission or MetadataObjectKind.SelectPermission ? "from " : "of ";
}
