

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>The descriptions of the types of a table, each made once for all roles.</summary>
/// <param name="title">The name of the table in descriptions.</param>
/// <param name="texts">Texts that depend on the version of the server.</param>
internal sealed class TableTexts(string title, ApiTexts texts)
{
    private readonly Dictionary<string, string> _ofOrders = new(StringComparer.Ordinal);
    private string? _filter;
    private string? _order;
    private string? _aggregateOrder;
    private string? _aggregate;
    private string? _aggregateFields;
    private string? _selectColumn;
    private string? _updateColumn;
    private string? _placeholder;
    private string? _constraint;
    private string? _insert;
    private string? _objectInsert;
    private string? _arrayInsert;
    private string? _conflict;
    private string? _set;
    private string? _increase;
    private string? _keyColumns;
    private string? _response;

    internal string Filter => _filter ??= $"Boolean expression to filter rows from the table \"{title}\". All fields are combined with a logical 'AND'.";

    internal string Order => _order ??= texts.Order(title);

    internal string AggregateOrder => _aggregateOrder ??= $"order by aggregate values of table \"{title}\"";

    internal string Aggregate => _aggregate ??= $"aggregated selection of \"{title}\"";

    internal string AggregateFields => _aggregateFields ??= $"aggregate fields of \"{title}\"";

    internal string SelectColumn => _selectColumn ??= $"select columns of table \"{title}\"";

    internal string UpdateColumn => _updateColumn ??= $"update columns of table \"{title}\"";

    internal string Placeholder => _placeholder ??= $"placeholder for update columns of table \"{title}\" (current role has no relevant permissions)";

    internal string Constraint => _constraint ??= $"unique or primary key constraints on table \"{title}\"";

    internal string Insert => _insert ??= $"input type for inserting data into table \"{title}\"";

    internal string ObjectInsert => _objectInsert ??= $"input type for inserting object relation for remote table \"{title}\"";

    internal string ArrayInsert => _arrayInsert ??= $"input type for inserting array relation for remote table \"{title}\"";

    internal string Conflict => _conflict ??= texts.Conflict(title);

    internal string Set => _set ??= $"input type for updating data in table \"{title}\"";

    internal string Increase => _increase ??= texts.Increase(title);

    internal string KeyColumns => _keyColumns ??= texts.KeyColumns(title);

    internal string Response => _response ??= $"response of any mutation on the table \"{title}\"";

    internal string GroupBy => $"Group by fields of \"{title}\"";

    internal string GroupKey => $"Allows the selection of a grouping key from \"{title}\"";

    internal string GroupKeyFields => $"Allows the selection of fields from the grouping key of \"{title}\"";

    internal string OrderOf(string function)
    {
        lock (_ofOrders)
        {
            if (!_ofOrders.TryGetValue(function, out var text))
            {
                _ofOrders[function] = text = $"order by {function}() on columns of table \"{title}\"";
            }

            return text;
        }
    }
}
