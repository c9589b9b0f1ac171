using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Squashing;

/// <summary>
/// What statements leave in their session, and the statements that remove it. Each migration starts with a clean session, so
/// the same has to hold for each part of a squashed one.
/// </summary>
internal sealed partial class SessionLeftovers
{
    // SET SESSION CHARACTERISTICS sets these (PostgreSQL manual, SET TRANSACTION).
    private static readonly string[] Characteristics = ["default_transaction_isolation", "default_transaction_read_only", "default_transaction_deferrable"];

    private readonly List<string> _settings = [];
    private readonly HashSet<string> _statements = [];

    private SessionLeftovers()
    {
    }

    /// <summary>Nothing.</summary>
    internal static SessionLeftovers None { get; } = new();

    /// <summary>The statements that remove it, in order; none where nothing is left.</summary>
    internal IEnumerable<string> Removal =>
        // First what the rights of all others depend on.
        _settings.Order(Comparer<string>.Create((a, b) => Rank(a).CompareTo(Rank(b)))).Select(Reset).Concat(_statements.Order(StringComparer.Ordinal)).Distinct();

    /// <summary>Looks at statements.</summary>
    internal static SessionLeftovers Of(IEnumerable<SqlStatement> statements)
    {
        var left = new SessionLeftovers();
        foreach (var statement in statements)
        {
            left.Add(statement);
        }

        return left;
    }

    /// <summary>What several texts leave together.</summary>
    internal static SessionLeftovers Of(IEnumerable<SessionLeftovers> parts)
    {
        var all = new SessionLeftovers();
        foreach (var part in parts)
        {
            all._settings.AddRange(part._settings.Except(all._settings));
            all._statements.UnionWith(part._statements);
        }

        return all;
    }

    private void Add(SqlStatement statement)
    {
        foreach (var setting in statement.Settings)
        {
            var names = setting.Name == "session characteristics" ? Characteristics : [setting.Name ?? "all"];
            _settings.RemoveAll(names.Contains);
            if (!setting.IsReset)
            {
                _settings.AddRange(names);
            }
            else if (setting is { Name: "all", IsLocal: false })
            {
                _settings.RemoveAll(s => s is not ("role" or "session_authorization"));
            }
        }

        var removal = statement.Class switch
        {
            SqlStatementClass.Prepare => "DEALLOCATE ALL",
            SqlStatementClass.Declare => "CLOSE ALL",
            SqlStatementClass.Listen => "UNLISTEN *",
            SqlStatementClass.SetConstraints => "SET CONSTRAINTS ALL IMMEDIATE",
            _ when statement.Has(SqlStatementTraits.TemporaryObject) => "DISCARD TEMP",
            _ => null,
        };
        if (removal is not null)
        {
            _statements.Add(removal);
        }

        // What a block of code sets is not among the settings of its statement.
        if (statement.Class == SqlStatementClass.Do && Setting().IsMatch(statement.Text))
        {
            _settings.Add("all");
        }
    }

    private static int Rank(string setting) => setting switch { "session_authorization" => 0, "role" => 1, _ => 2 };

    private static string Reset(string setting) => setting switch
    {
        "session_authorization" => "RESET SESSION AUTHORIZATION",
        "role" => "RESET ROLE",
        "all" => "RESET ALL",
        _ => $"RESET {string.Join('.', setting.Split('.').Select(p => Plain().IsMatch(p) ? p : SqlName.Quote(p)))}",
    };

    [GeneratedRegex(@"\bset_config\s*\(|\bset\s+(local\s+|session\s+)?[\w.]+\s*(=|to\b)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Setting();

    [GeneratedRegex("^[a-z_][a-z0-9_]*$", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();
}
