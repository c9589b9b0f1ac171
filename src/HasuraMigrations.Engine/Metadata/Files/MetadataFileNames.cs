using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>
/// Names of files in one directory, as Hasura's CLI gives them; a name that is taken, or that Windows does not allow, gets a
/// short hash of the object.
/// </summary>
internal sealed class MetadataFileNames(params IEnumerable<string> taken)
{
    private const string NotAllowed = "<>:\"/\\|?*";

    private readonly HashSet<string> _taken = new(taken, StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _kept = new(taken, StringComparer.Ordinal);

    /// <summary>Keeps a name that is in use; names that differ in case only stay, where the file system tells them apart.</summary>
    /// <returns>False where another object has it already.</returns>
    internal bool Keep(string existing)
    {
        _taken.Add(existing);
        return _kept.Add(existing);
    }

    /// <summary>A name for an object.</summary>
    /// <param name="name">The qualified name of a table or function.</param>
    /// <param name="kind">The kind of the source.</param>
    /// <param name="isFunction">True for a function.</param>
    internal string Take(JsonNode? name, string kind, bool isFunction)
    {
        var stem = Stem(name, kind, isFunction);
        var safe = Safe(stem);
        if (safe == stem && _taken.Add(safe + ".yaml"))
        {
            return safe + ".yaml";
        }

        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Key(name, kind)))).ToLowerInvariant();
        for (var length = 4; ; length++)
        {
            var candidate = $"{safe}~{hash[..length]}.yaml";
            if (_taken.Add(candidate))
            {
                return candidate;
            }
        }
    }

    /// <summary>A name that tells objects apart: two spellings of one table have one.</summary>
    internal static string Key(JsonNode? name, string kind) => name switch
    {
        JsonArray parts => string.Join('\0', parts.Select(p => p.AsText() ?? p.ToText())),
        JsonObject map => $"{Schema(map, kind)}\0{map["name"].AsText()}",
        _ => (SourceKinds.DefaultSchema(kind) is { } schema ? schema + '\0' : "") + (name.AsText() ?? name.ToText()),
    };

    /// <summary>What Hasura's CLI calls the file of an object. It does not know that functions of BigQuery have a dataset.</summary>
    internal static string Stem(JsonNode? name, string kind, bool isFunction) =>
        isFunction && kind == "bigquery" && name is JsonObject map && map["schema"] is null ? $"_{map["name"].AsText()}" : Key(name, kind).Replace('\0', '_');

    private static string Schema(JsonObject map, string kind) => map["schema"].AsText() ?? map["dataset"].AsText() ?? SourceKinds.DefaultSchema(kind) ?? "";

    internal static string Safe(string stem)
    {
        var text = string.Concat(stem.Select(c => c < ' ' || NotAllowed.Contains(c, StringComparison.Ordinal) ? '_' : c)).TrimEnd('.', ' ');
        return text is "" or "." or ".." || FileNames.IsReserved(text) ? "_" + text : text.Length > 200 ? text[..200] : text;
    }
}
