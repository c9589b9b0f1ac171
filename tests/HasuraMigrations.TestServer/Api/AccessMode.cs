using HasuraMigrations.TestServer.Sql;

namespace HasuraMigrations.TestServer.Api;

/// <summary>What a request of v1 may do in its one transaction.</summary>
internal static class AccessMode
{
    internal const string ReadOnly = "READ ONLY";
    internal const string ReadWrite = "READ WRITE";

    /// <summary>The mode that fits every item.</summary>
    /// <exception cref="HasuraError">bad-request: two items force different modes.</exception>
    internal static string Of(HasuraCommand command)
    {
        if (command.Type != "bulk")
        {
            return command.Type == "run_sql" && RunSqlArguments.Read(command.Args).ReadOnly ? ReadOnly : ReadWrite;
        }

        string? expected = null;
        for (var i = 0; i < command.Items.Count; i++)
        {
            var mode = Of(HasuraCommand.Read(command.Items[i]));
            expected ??= mode;
            if (mode != expected)
            {
                throw new HasuraError(400, "bad-request", $"incompatible access mode requirements in bulk query, expected access mode: {expected} but $.args[{i}] forces {mode}");
            }
        }

        return expected ?? ReadWrite;
    }
}
