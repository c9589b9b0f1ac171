using System.Text;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Targets.Postgres.ConnectionStrings;

public sealed class ConnectionStringSecretTests
{
    // No digits, so that it could be the name of a parameter; not a word of any.
    private const string Canary = "qzjxcanaryqzjx";

    private static readonly string[] Strings =
    [
        $"postgres://app:{Canary}@db.example.com:5432/shop?sslmode=require",
        $"postgresql://app:{Canary}@h1:5432,h2:5433/shop?target_session_attrs=read-write&connect_timeout=5",
        $"postgres://app@db.example.com/shop?sslmode=require&password={Canary}&application_name=x",
        $"postgres:///shop?host=/var/run/postgresql&user=app&password={Canary}",
        $"host=db.example.com port=5432 dbname=shop user=app password={Canary} sslmode=require",
        $"host='db.example.com' user='app' password='a {Canary} b' dbname='shop'",
        $"password={Canary} host=h1,h2 port=1,2 user=app",
        $"Host=db.example.com;Port=5432;Database=shop;Username=app;Password={Canary};SSL Mode=Require",
        $"Server=db.example.com;User Id=app;Password=\"x;{Canary};y\";Database=shop;Timeout=5",
        $"Host=h;Username=app;SSL Password={Canary};Password={Canary};Pooling=false",
    ];

    private static readonly char[] Separators = [.. "@:/?&=;, '\"#%\\|\n[]"];

    [Fact]
    public void No_mutilated_string_brings_its_password_into_a_message()
    {
        var random = new Random(20261128);
        var leaks = new List<string>();
        for (var i = 0; i < LongForm.Count(60_000, 15_000); i++)
        {
            var text = Strings[i % Strings.Length];
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                text = Mutilate(text, random);
            }

            if (Shown(text) is var (shown, isRead) && shown.Contains(Canary, StringComparison.OrdinalIgnoreCase) && !(isRead && IsNameByGrammar(text)))
            {
                leaks.Add($"{text.ReplaceLineEndings("\\n")}  ->  {shown.Split('\n')[0]}");
            }
        }

        Assert.True(leaks.Count == 0, $"{leaks.Count} leaks:\n{string.Join('\n', leaks.Take(40))}");
    }

    // Everything that people can see of a string.
    private static (string Text, bool IsRead) Shown(string text)
    {
        try
        {
            var connection = PostgresConnectionString.Read(text, "DB_URL");
            return ($"{connection} {connection.Host} {connection.DatabaseName} {connection.UserName} {string.Join(' ', connection.Findings)}", true);
        }
        catch (HasuraMigrationException e)
        {
            return (SeenText.Of(e), false);
        }
    }

    // Where the separators that tell a password from a name are gone, no reader could know.
    private static bool IsNameByGrammar(string text)
    {
        var at = text.IndexOf(Canary, StringComparison.Ordinal);
        var isGlued = char.IsLetter(text.ElementAtOrDefault(at - 1)) || char.IsLetter(text.ElementAtOrDefault(at + Canary.Length));
        return isGlued || (text.Contains("://", StringComparison.Ordinal) && !text.Contains('@', StringComparison.Ordinal));
    }

    private static string Mutilate(string text, Random random)
    {
        var at = random.Next(text.Length + 1);
        var separators = Enumerable.Range(0, text.Length).Where(i => Separators.Contains(text[i])).ToList();
        var place = separators.Count == 0 ? 0 : separators[random.Next(separators.Count)];
        return random.Next(8) switch
        {
            0 => text[..at],
            1 => text[Math.Min(at, text.Length)..],
            2 when separators.Count > 0 => text.Remove(place, 1),
            3 when separators.Count > 0 => text.Insert(place, text[place].ToString()),
            4 when separators.Count > 0 => new StringBuilder(text) { [place] = Separators[random.Next(Separators.Length)] }.ToString(),
            5 => text.Insert(at, Separators[random.Next(Separators.Length)].ToString()),
            6 when separators.Count > 1 => Swap(text, place, separators[random.Next(separators.Count)]),
            _ => text.Replace(Canary, $"{Separators[random.Next(Separators.Length)]}{Canary}{Separators[random.Next(Separators.Length)]}", StringComparison.Ordinal),
        };
    }

    private static string Swap(string text, int a, int b) => new StringBuilder(text) { [a] = text[b], [b] = text[a] }.ToString();
}
