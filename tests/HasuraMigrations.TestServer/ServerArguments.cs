namespace HasuraMigrations.TestServer;

/// <summary>The arguments of the program.</summary>
internal static class ServerArguments
{
    /// <summary>Reads the arguments of one server; null without <c>--postgres</c>.</summary>
    public static TestServerOptions? Parse(IReadOnlyList<string> args)
    {
        if (Option("--postgres") is not { } postgres)
        {
            return null;
        }

        return new TestServerOptions
        {
            Postgres = postgres,
            Port = int.Parse(Option("--port") ?? "8080"),
            Api = Enum.Parse<HasuraApi>(Option("--api") ?? "v2", ignoreCase: true),
            AdminSecret = Option("--admin-secret"),
            Version = Option("--version"),
            Sources = Table("--source"),
            Kinds = Table("--kind"),
            Fault = Option("--fault") is { } fault ? TestFault.Parse(fault) : null,
        };

        string? Option(string name) => args.Zip(args.Skip(1)).Where(p => p.First == name).Select(p => p.Second).FirstOrDefault();

        Dictionary<string, string> Table(string name) => args.Zip(args.Skip(1)).Where(p => p.First == name).Select(p => p.Second.Split('=', 2)).ToDictionary(p => p[0], p => p[1]);
    }
}
