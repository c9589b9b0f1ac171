using System.Text.RegularExpressions;

namespace HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;

/// <summary>
/// Reads a connection string of any form through the table of parameters. Whether a text without a scheme is in libpq's
/// keyword form or in that of .NET is not guessed: it is in the form in which every name is known and host, user and
/// database can be such; a text that is in none is refused.
/// </summary>
internal static partial class ConnectionReader
{
    private delegate IReadOnlyList<ConnectionPair> Form(string text);

    /// <summary>The settings of a text.</summary>
    /// <exception cref="ConnectionTextException">It cannot be read, or a parameter cannot be obeyed.</exception>
    internal static ConnectionSettings Read(string text)
    {
        var trimmed = text.Trim();
        if (UrlForm.Is(trimmed))
        {
            return Settings(UrlForm.Read(trimmed), mayBeDriver: true, isDriver: false);
        }

        var keywords = Attempt(() => Settings(KeywordForm.Read(trimmed), mayBeDriver: false, isDriver: false));
        var driver = Attempt(() => Settings(AdoForm.Read(trimmed), mayBeDriver: true, isDriver: true));
        return (keywords.Settings, driver.Settings) switch
        {
            (null, null) => throw (trimmed.Contains(';', StringComparison.Ordinal) ? driver.Error! : keywords.Error!),
            ({ } one, null) => one,
            (null, { } other) => other,
            var (one, other) when one.ConnectionString == other.ConnectionString => other,
            _ => throw new ConnectionTextException("it can be read in two ways; put values with spaces or ';' in quotes"),
        };
    }

    private static (ConnectionSettings? Settings, ConnectionTextException? Error) Attempt(Func<ConnectionSettings> read)
    {
        try
        {
            return (read(), null);
        }
        catch (ConnectionTextException e)
        {
            return (null, e);
        }
    }

    private static ConnectionSettings Settings(IReadOnlyList<ConnectionPair> pairs, bool mayBeDriver, bool isDriver)
    {
        var draft = new ConnectionDraft(isDriver);
        for (var i = 0; i < pairs.Count; i++)
        {
            var pair = pairs[i];
            var parameter = ConnectionParameters.Find(pair.Name);
            // Names of libpq are lower-case; in a URL people write them in any case.
            var isKnown = parameter is not null && (mayBeDriver || parameter.Name == pair.Name);
            if (isDriver && draft.TryKeyword(pair, isKnown))
            {
                continue;
            }

            if (isKnown)
            {
                draft.Take(parameter!, pair);
            }
            else if (!mayBeDriver || !draft.TryKeyword(pair, isKnown: false))
            {
                throw new ConnectionTextException(Unknown(pairs, i, isUrl: mayBeDriver && !isDriver));
            }
        }

        return draft.Finish();
    }

    // What looks like a name may be part of a password that was not quoted, or whose own name was lost. In a URL the
    // password stands before the parameters; elsewhere it must have been seen.
    private static string Unknown(IReadOnlyList<ConnectionPair> pairs, int at, bool isUrl)
    {
        var name = pairs[at].Name.Trim();
        var isSeen = pairs.Any(p => IsSecret(p.Name) && p.Value.Length > 0);
        var isSafe = PlainName().IsMatch(name)
            && !SecretWord().IsMatch(name)
            && !pairs.Any(p => IsSecret(p.Value))
            && (at == 0 || !IsSecret(pairs[at - 1].Name))
            && (isUrl || isSeen || (at > 0 && !pairs.Any(p => SecretWord().IsMatch(p.Name) || SecretWord().IsMatch(p.Value))));
        return isSafe
            ? $"the parameter '{name}' is not known"
            : "a parameter of it is not known; a password with special characters must be quoted, or percent-encoded in a URL";
    }

    private static bool IsSecret(string name) =>
        ConnectionParameters.Find(name) is { IsSecret: true } || SecretWord().IsMatch(name);

    [GeneratedRegex("pass|psw|pwd|secret|token", RegexOptions.IgnoreCase)]
    private static partial Regex SecretWord();

    [GeneratedRegex("^[A-Za-z]+([A-Za-z_.-]| (?=[A-Za-z])){0,40}$")]
    private static partial Regex PlainName();
}
