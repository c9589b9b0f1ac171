using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Dumps;

/// <summary>
/// The text of a dump as the up step of a migration: what pg_dump sets for its own session, writes for psql, or reads from Hasura's
/// schemas is left out. Decided by statements, so that no line of a function body or a literal is taken for one of these.
/// </summary>
public sealed partial class SchemaText
{
    // What a session has without the statement.
    private static readonly string[] Defaults = ["SET default_table_access_method = heap", "SET default_tablespace = ''", "SET default_with_oids = false"];
    private static readonly string[] StandardStatements = ["CREATE SCHEMA public", "COMMENT ON SCHEMA public IS 'standard public schema'"];

    private SchemaText(int? majorVersion, IReadOnlyList<string> statements)
    {
        MajorVersion = majorVersion;
        Statements = statements;
    }

    /// <summary>The statements, without semicolons, in the order of the dump.</summary>
    public IReadOnlyList<string> Statements { get; }

    /// <summary>Major version of the server that was dumped; null where the dump does not say.</summary>
    public int? MajorVersion { get; }

    /// <summary>The text of the file.</summary>
    public string Text => string.Concat(Statements.Select(s => $"{s};\n"));

    /// <summary>The statements of one kind, in order. Those of <see cref="SchemaStatementKind.Superuser"/> can run after all others.</summary>
    public IEnumerable<string> Of(SchemaStatementKind kind) => Statements.Where(s => KindOf(s) == kind);

    /// <summary>Takes what a migration needs of a dump.</summary>
    /// <param name="dump">Text of <c>pg_dump --schema-only</c>.</param>
    internal static SchemaText Of(string dump)
    {
        var kept = Kept([.. SqlScript.Parse(dump).Statements]).Select(Populated).ToList();
        // A body may use what the dump creates only later.
        string[] first = kept.Exists(s => s.StartsWith("CREATE FUNCTION ", StringComparison.Ordinal) || s.StartsWith("CREATE PROCEDURE ", StringComparison.Ordinal)) ? ["SET check_function_bodies = false"] : [];
        return new SchemaText(VersionLine().Match(dump) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, provider: null) : null, [.. first, .. kept]);
    }

    /// <summary>The statements that create extensions in one of the given schemas.</summary>
    internal IEnumerable<string> ExtensionsIn(IReadOnlyCollection<string> schemas) =>
        Statements.Where(s => Extension().Match(s) is { Success: true } match && schemas.Contains(Unquoted(match.Groups["schema"].Value)));

    /// <summary>The same with some statements before all others.</summary>
    internal SchemaText Beginning(IReadOnlyList<string> first) => new(MajorVersion, [.. first, .. Statements.Except(first)]);

    private static IEnumerable<string> Kept(List<SqlStatement> statements)
    {
        var settings = statements.Where(s => s.Class == SqlStatementClass.Set).Select(s => s.Text).Distinct().ToList();
        // A session of a migration has its own settings; two of these say how tables are created, so they count where they are not the default.
        var needed = settings.Where(s => s.StartsWith("SET default_", StringComparison.Ordinal) && !Defaults.Contains(s)).Select(NameOfSetting).ToHashSet();
        foreach (var statement in statements)
        {
            var text = statement.Text;
            var isKept = statement.Class switch
            {
                SqlStatementClass.MetaCommand => false,
                SqlStatementClass.Set => needed.Contains(NameOfSetting(text)),
                SqlStatementClass.Query => statement.Settings.Count == 0,
                _ => !StandardStatements.Contains(text) && !IsOfTools(text),
            };
            if (isKept)
            {
                yield return text;
            }
        }
    }

    private static SchemaStatementKind KindOf(string statement) => statement switch
    {
        _ when statement.StartsWith("CREATE SCHEMA ", StringComparison.Ordinal) => SchemaStatementKind.Schema,
        _ when statement.StartsWith("CREATE EXTENSION ", StringComparison.Ordinal) => SchemaStatementKind.Extension,
        _ when OfSuperuser().IsMatch(statement) => SchemaStatementKind.Superuser,
        _ => SchemaStatementKind.Other,
    };

    private static string NameOfSetting(string text) => text.Split(' ', 3)[1];

    // Event triggers: a server creates these triggers, and their functions in its own schema. An extension brings its comment. User
    // mappings belong to roles of one server, and contain their passwords.
    private static bool IsOfTools(string text) =>
        text.StartsWith("COMMENT ON EXTENSION ", StringComparison.Ordinal)
        || text.StartsWith("CREATE USER MAPPING ", StringComparison.Ordinal)
        || EventTrigger().IsMatch(text)
        || (Extension().Match(text) is { Success: true } extension && SchemaSelection.OfTools.Contains(Unquoted(extension.Groups["schema"].Value)));

    // pg_dump fills materialized views after the rows of tables; a view that nobody fills cannot be read.
    private static string Populated(string text)
    {
        const string unfilled = "\n  WITH NO DATA";
        return text.StartsWith("CREATE MATERIALIZED VIEW ", StringComparison.Ordinal) && text.EndsWith(unfilled, StringComparison.Ordinal) ? text[..^unfilled.Length] : text;
    }

    private static string Unquoted(string name) => name.StartsWith('"') ? name[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : name;

    [GeneratedRegex(@"^-- Dumped from database version (\d+)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex VersionLine();

    [GeneratedRegex("^CREATE EXTENSION IF NOT EXISTS .* WITH SCHEMA (?<schema>\"(?:[^\"]|\"\")+\"|[^\"\\s;]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Extension();

    [GeneratedRegex("^(?:CREATE|ALTER|COMMENT ON) (?:EVENT TRIGGER|PUBLICATION) ", RegexOptions.CultureInvariant)]
    private static partial Regex OfSuperuser();

    [GeneratedRegex(@"^CREATE (?:CONSTRAINT )?TRIGGER ""?notify_hasura_.*EXECUTE (?:FUNCTION|PROCEDURE) (?:hdb_catalog|hdb_views)\.", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex EventTrigger();
}

/// <summary>What a statement of a schema requires.</summary>
public enum SchemaStatementKind
{
    /// <summary>Creates objects of the database.</summary>
    Other,

    /// <summary>CREATE SCHEMA, without an owner.</summary>
    Schema,

    /// <summary>CREATE EXTENSION, which for many extensions only a superuser may.</summary>
    Extension,

    /// <summary>Event triggers of the server and publications: only a superuser may create all of them, and creating them calls no function.</summary>
    Superuser,
}
