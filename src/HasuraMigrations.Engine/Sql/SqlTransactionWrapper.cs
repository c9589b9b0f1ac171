namespace HasuraMigrations.Engine.Sql;

/// <summary>One BEGIN and one COMMIT around everything else in a text, so that a transaction of ours can take their place.</summary>
/// <param name="Begin">The first statement of the text.</param>
/// <param name="Commit">The last statement of the text.</param>
public sealed record SqlTransactionWrapper(SqlStatement Begin, SqlStatement Commit)
{
    /// <summary>The transaction modes given to BEGIN as written (isolation level, READ ONLY, DEFERRABLE); empty if none.</summary>
    public string Options => Begin.TransactionModes ?? "";
}
