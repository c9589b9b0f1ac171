namespace HasuraMigrations.Engine.Sql;

/// <summary>What the classifier found out about one statement.</summary>
internal sealed class SqlStatementFacts
{
    public SqlStatementClass Class { get; set; }

    public SqlStatementTraits Traits { get; set; }

    public string? TransactionModes { get; set; }

    public SqlIndexCommand? Index { get; set; }

    public SqlEnumValue? EnumValue { get; set; }

    public List<SqlSetting>? Settings { get; private set; }

    public List<SqlObject>? Objects { get; private set; }

    /// <summary>Nothing but class and traits is known.</summary>
    public bool IsPlain => TransactionModes is null && Index is null && EnumValue is null && Settings is null && Objects is null;

    public void AddObject(SqlObject made) => (Objects ??= []).Add(made);

    public void Add(SqlSetting setting)
    {
        (Settings ??= []).Add(setting);
        Traits |= setting.IsLocal ? SqlStatementTraits.LocalSetting : SqlStatementTraits.SessionSetting;
        if (setting is { Name: "client_encoding", Value: not null } && !IsUtf8(setting.Value))
        {
            Traits |= SqlStatementTraits.ForeignEncoding;
        }
        if (setting.Name is "transaction_read_only" or "default_transaction_read_only" && SqlBooleans.IsTrue(setting.Value))
        {
            Traits |= SqlStatementTraits.ReadOnly;
        }
    }

    /// <summary>The server ignores case and everything but letters and digits in names of encodings.</summary>
    private static bool IsUtf8(string encoding)
    {
        var name = string.Concat(encoding.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
        return name is "utf8" or "unicode";
    }
}
