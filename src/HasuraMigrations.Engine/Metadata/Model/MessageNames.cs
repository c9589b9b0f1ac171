using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Metadata.Model;

/// <summary>Names and reasons as the messages and the stored metadata of servers write them.</summary>
internal static class MessageNames
{
    /// <summary>A name as messages write it: without the schema <c>public</c>.</summary>
    internal static string InMessage(this QualifiedName name) => name.Schema == "public" ? name.Name : name.ToString();

    /// <summary>A name as a server writes it out.</summary>
    internal static JsonObject Written(this QualifiedName name) => new() { ["schema"] = name.Schema, ["name"] = name.Name };

    /// <summary>One cause after "because", several as a list.</summary>
    internal static string Because(string start, IReadOnlyList<string> causes) =>
        causes is [var only] ? $"{start} because {only}" : $"{start} for the following reasons:\n{string.Concat(causes.Select(c => $"  • {c}\n"))}";
}
