namespace HasuraMigrations.Engine.Sql;

/// <summary>
/// Follows standard_conforming_strings through a text: the server reads each statement with the value that the statements
/// before have left.
/// </summary>
internal sealed class SqlStringRules(bool hasTransaction)
{
    private const string Name = "standard_conforming_strings";

    private bool _inTransaction;
    private bool _session = true;
    private bool _sessionAtBegin = true;
    private bool? _local;

    /// <summary>Whether a backslash in a plain string is an ordinary character.</summary>
    public bool AreStandard => _local ?? _session;

    public void Follow(SqlStatementFacts facts)
    {
        switch (facts.Class)
        {
            case SqlStatementClass.Begin:
                (_inTransaction, _sessionAtBegin) = (true, _session);
                return;
            case SqlStatementClass.Commit or SqlStatementClass.PrepareTransaction:
                EndTransaction(facts);
                return;
            case SqlStatementClass.Rollback:
                _session = _inTransaction ? _sessionAtBegin : _session;
                EndTransaction(facts);
                return;
            case SqlStatementClass.Set or SqlStatementClass.Reset or SqlStatementClass.Discard:
                facts.Settings?.ForEach(Apply);
                return;
        }
    }

    private void EndTransaction(SqlStatementFacts facts)
    {
        _local = null;
        _sessionAtBegin = _session;
        _inTransaction = (facts.Traits & SqlStatementTraits.Chain) != 0;
    }

    private void Apply(SqlSetting setting)
    {
        if (setting.Name is not (Name or "all") || (!setting.IsReset && SqlBooleans.Parse(setting.Value) is null))
        {
            return;
        }
        var value = setting.IsReset || SqlBooleans.IsTrue(setting.Value);
        if (!setting.IsLocal)
        {
            (_session, _local) = (value, null);
        }
        else if (_inTransaction || hasTransaction)
        {
            _local = value;
        }
    }
}
