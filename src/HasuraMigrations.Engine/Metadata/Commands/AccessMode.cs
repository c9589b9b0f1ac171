namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>What a request of version 1 may do in its one transaction.</summary>
internal static class AccessMode
{
    internal const string ReadOnly = "READ ONLY";
    internal const string ReadWrite = "READ WRITE";

    /// <summary>The mode that fits every item.</summary>
    /// <exception cref="MetadataCommandException">bad-request: two items force different modes.</exception>
    internal static string Of(CommandEnvelope command)
    {
        if (command.Type != "bulk")
        {
            return command.Type == "run_sql" && RunSqlArguments.Read(MetadataEra.Version1, command.Args).IsReadOnly ? ReadOnly : ReadWrite;
        }

        string? expected = null;
        for (var i = 0; i < command.Items.Count; i++)
        {
            var mode = Of(CommandEnvelope.Read(command.Items[i]));
            expected ??= mode;
            if (mode != expected)
            {
                throw new MetadataCommandException("bad-request", $"incompatible access mode requirements in bulk query, expected access mode: {expected} but $.args[{i}] forces {mode}");
            }
        }

        return expected ?? ReadWrite;
    }
}
