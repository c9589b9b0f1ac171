using System.Text.RegularExpressions;
using Npgsql;

namespace HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;

/// <summary>The values of a connection string that no message may repeat: all but hosts, ports, user and database.</summary>
internal sealed class HiddenValues
{
    private const int LongEnough = 5;

    private readonly List<string> _hidden;
    private readonly List<string> _shown;

    /// <summary>The hidden values of settings.</summary>
    internal HiddenValues(ConnectionSettings settings)
    {
        var builder = settings.Builder;
        _shown = [.. new[] { builder.Username, builder.Database }.Concat(settings.Hosts.Names).Concat(settings.Hosts.Shown).OfType<string>().Where(v => v.Length > 0)];
        _hidden = [.. Texts(builder).OfType<string>().SelectMany(v => new[] { v, Uri.EscapeDataString(v) })
            // A server repeats the names and values in it one by one.
            .Concat((builder.Options ?? "").Split([' ', '\t', '\n', '=', ',', ':', '\\', '\'', '"'], StringSplitOptions.RemoveEmptyEntries).Where(t => t.Length > 2))
            .Where(v => v.Length > 0 && !_shown.Contains(v))
            .Distinct()];
    }

    /// <summary>True where a text repeats one of them. Short ones count as whole words only.</summary>
    internal bool AreIn(string text)
    {
        var rest = _shown.OrderByDescending(s => s.Length).Aggregate(text, (t, shown) => t.Replace(shown, " ", StringComparison.Ordinal));
        return _hidden.Any(h => h.Length >= LongEnough
            ? rest.Contains(h, StringComparison.OrdinalIgnoreCase)
            : Regex.IsMatch(rest, $@"(?<!\w){Regex.Escape(h)}(?!\w)", RegexOptions.CultureInvariant));
    }

    private static string?[] Texts(NpgsqlConnectionStringBuilder builder) =>
    [
        builder.Password, builder.SslPassword, builder.Passfile, builder.Options, builder.SslCertificate, builder.SslKey, builder.RootCertificate,
        builder.ApplicationName, builder.SearchPath, builder.Timezone, builder.ClientEncoding,
    ];
}
