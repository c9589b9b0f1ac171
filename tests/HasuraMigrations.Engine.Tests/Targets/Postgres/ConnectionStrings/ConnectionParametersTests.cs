using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Targets.Postgres.ConnectionStrings;

public sealed partial class ConnectionParametersTests
{
    private static readonly ConnectionParameter[] All = [.. ConnectionParameters.OfLibpq, .. ConnectionParameters.OfOthers];

    [Fact]
    public void The_page_lists_every_parameter_and_what_becomes_of_it()
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "connections.md"));
        var rows = Row().Matches(page).Select(m => $"{m.Groups[1].Value} {m.Groups[2].Value}").Order();

        Assert.Equal(All.Select(p => $"{p.Name} {p.Use.ToString().ToLowerInvariant()}").Order(), rows);
    }

    [Fact]
    public void Each_row_of_the_table_says_what_becomes_of_a_parameter()
    {
        foreach (var parameter in All.Where(p => p.Use != ConnectionParameterUse.Mapped))
        {
            var text = $"postgres://u:p@h/d?{parameter.Name}=other";
            if (parameter.Use == ConnectionParameterUse.Ignored)
            {
                Assert.Contains(parameter.Name, Assert.Single(PostgresConnectionString.Read(text).Findings).Message);
            }
            else
            {
                Assert.Contains($"'{parameter.Name}'", Assert.Throws<HasuraMigrationException>(() => PostgresConnectionString.Read(text)).Message);
            }
        }
    }

    [Fact]
    public void Every_parameter_of_the_libpq_of_this_machine_is_in_the_table()
    {
        Assert.SkipUnless(Libpq.IsThere, "There is no libpq on this machine.");

        Assert.Empty(Libpq.Parse("host=h")!.Keys.Except(ConnectionParameters.OfLibpq.Select(p => p.Name)));
    }

    [Fact]
    public void Random_strings_are_split_as_libpq_splits_them()
    {
        Assert.SkipUnless(Libpq.IsThere, "There is no libpq on this machine.");
        var random = new Random(6);
        string[] parts = ["host", "port", "user", "password", "dbname", "=", " ", "'", "\\", "a", "b1", "/", "@", ":", ",", "?", "&", "%41", "%zz", "[::1]", "5432", ".", "x y"];
        var read = 0;
        for (var i = 0; i < LongForm.Count(30_000, 10_000); i++)
        {
            var isUrl = i % 2 == 0;
            var text = (isUrl ? "postgresql://" : "") + string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => parts[random.Next(parts.Length)]));
            IReadOnlyList<ConnectionPair> ours;
            try
            {
                ours = isUrl ? UrlForm.Read(text) : KeywordForm.Read(text);
            }
            catch (ConnectionTextException)
            {
                // Ours is the stricter one in URLs.
                Assert.True(isUrl || Libpq.Parse(text) is null, text);
                continue;
            }

            if (ours.All(p => ConnectionParameters.Find(p.Name)?.Name == p.Name))
            {
                var values = new Dictionary<string, string>();
                foreach (var pair in ours)
                {
                    values[pair.Name] = pair.Value;
                }

                Assert.Equal(values.OrderBy(v => v.Key), (Libpq.Parse(text) ?? throw new InvalidOperationException($"libpq refuses {text}")).Where(v => v.Value is not null).Select(v => KeyValuePair.Create(v.Key, v.Value!)).OrderBy(v => v.Key));
                read++;
            }
        }

        Assert.True(read > 300, $"{read} strings were valid.");
    }

    [GeneratedRegex(@"^\| `(\w+)` \| (mapped|ignored|refused) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    private static string Root()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Migrations.sln")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("The repository was not found.");
        }

        return directory;
    }

    /// <summary>The C library itself, as the judge.</summary>
    private static class Libpq
    {
        private static readonly IntPtr Library = Load();

        private delegate IntPtr ParseCall([MarshalAs(UnmanagedType.LPUTF8Str)] string text, out IntPtr error);

        private delegate void FreeCall(IntPtr memory);

        internal static bool IsThere => Library != IntPtr.Zero;

        internal static Dictionary<string, string?>? Parse(string text)
        {
            var parse = Marshal.GetDelegateForFunctionPointer<ParseCall>(NativeLibrary.GetExport(Library, "PQconninfoParse"));
            var free = Marshal.GetDelegateForFunctionPointer<FreeCall>(NativeLibrary.GetExport(Library, "PQconninfoFree"));
            var options = parse(text, out _);
            if (options == IntPtr.Zero)
            {
                return null;
            }

            // keyword, envvar, compiled, val, label, dispchar: pointers; dispsize: a number.
            var values = new Dictionary<string, string?>();
            for (var at = options; Marshal.ReadIntPtr(at) != IntPtr.Zero; at += 7 * IntPtr.Size)
            {
                values[Marshal.PtrToStringUTF8(Marshal.ReadIntPtr(at))!] = Marshal.PtrToStringUTF8(Marshal.ReadIntPtr(at, 3 * IntPtr.Size));
            }

            free(options);
            return values;
        }

        private static IntPtr Load() =>
            new[] { "libpq.so.5", "libpq.5.dylib", "libpq.dll" }.Select(n => NativeLibrary.TryLoad(n, out var handle) ? handle : IntPtr.Zero).FirstOrDefault(h => h != IntPtr.Zero);
    }
}
