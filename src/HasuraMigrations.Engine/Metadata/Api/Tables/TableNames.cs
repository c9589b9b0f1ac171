

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>The names of the types of a table, each made once.</summary>
internal sealed class TableNames
{
    private readonly ApiNaming _naming;
    private static readonly Dictionary<string, int> Words =
        new[] { "set", "inc", "append", "prepend", "delete_key", "delete_elem", "delete_at_path", "count" }.Concat(AggregateFunctions.All).Concat(PredicateTypes.Functions)
            .Distinct(StringComparer.Ordinal).Select((w, i) => (w, i)).ToDictionary(w => w.w, w => w.i, StringComparer.Ordinal);

    // Two threads may make a name at once; it is the same.
    private readonly string?[]?[] _ofWords = new string?[Enum.GetValues<NameKind>().Length][];

    internal TableNames(ApiNaming naming, ApiIdentifier name)
    {
        (_naming, Identifier) = (naming, name);
        string Of(string words) => naming.Type(name, words);
        var isNamed = naming.Features.HasStreamNaming || !naming.IsGraphQL;
        BareRow = naming.BareType(name, "");
        (Row, Filter, Order, SelectColumn) = (Of(""), Of("bool_exp"), Of("order_by"), Of("select_column"));
        (Aggregate, AggregateFields, AggregateOrder) = (Of("aggregate"), Of("aggregate_fields"), Of("aggregate_order_by"));
        (Insert, ObjectInsert, ArrayInsert, Conflict) = (Of("insert_input"), Of("obj_rel_insert_input"), Of("arr_rel_insert_input"), Of("on_conflict"));
        (Constraint, UpdateColumn, KeyColumns, Updates, Response) = (Of("constraint"), Of("update_column"), Of("pk_columns_input"), Of("updates"), Of("mutation_response"));
        (Cursor, CursorValue) = isNamed
            ? (Of("stream_cursor_input"), Of("stream_cursor_value_input"))
            : (naming.Customized($"{ApiNaming.Pascal(name)}_streamCursorInput"), naming.Customized($"{ApiNaming.Pascal(name)}_streamCursorValueInput"));
        CursorText = $"Streaming cursor of the table \"{name.Text}\"";
        Predicate = naming.BareType(name, "aggregate_bool_exp", naming.Features.HasFullNaming);
        (GroupBy, GroupKey, GroupKeyFields) = (Of("group_by"), Of("group_by_key"), Of("group_by_key_fields"));
    }

    /// <summary>What they are made of.</summary>
    internal ApiIdentifier Identifier { get; }

    internal string Row { get; }

    /// <summary>The same without prefix and suffix.</summary>
    internal string BareRow { get; }

    internal string Filter { get; }

    internal string Order { get; }

    internal string SelectColumn { get; }

    internal string Aggregate { get; }

    internal string AggregateFields { get; }

    internal string AggregateOrder { get; }

    internal string Insert { get; }

    internal string ObjectInsert { get; }

    internal string ArrayInsert { get; }

    internal string Conflict { get; }

    internal string Constraint { get; }

    internal string UpdateColumn { get; }

    internal string KeyColumns { get; }

    internal string Updates { get; }

    internal string Response { get; }

    internal string Cursor { get; }

    internal string CursorValue { get; }

    /// <summary>The description of the cursor.</summary>
    internal string CursorText { get; }

    internal string Predicate { get; }

    internal string GroupBy { get; }

    internal string GroupKey { get; }

    internal string GroupKeyFields { get; }

    /// <summary>T_set_input and the like.</summary>
    internal string Update(string operation) => Cached(NameKind.Update, operation);

    /// <summary>The result of an aggregate function.</summary>
    internal string Fields(string function) => Cached(NameKind.Fields, function);

    /// <summary>The order by an aggregate function.</summary>
    internal string OrderOf(string function) => Cached(NameKind.Order, function);

    /// <summary>The filter by an aggregate function; its words stay as they are.</summary>
    internal string PredicateOf(string function) => Cached(NameKind.Predicate, function);

    /// <summary>What such a filter takes two columns by.</summary>
    internal string PredicateArguments(string function) => Cached(NameKind.PredicateArguments, function);

    /// <summary>The columns that such a filter can name, as their type and as its description name them.</summary>
    internal (string Type, string Text) PredicateColumns(string function)
    {
        var text = !IsFull ? PredicateColumns(function, BareName) : $"{PredicateOf(function)}ArgumentsColumns";
        return (Cached(NameKind.PredicateColumns, function), text);
    }

    private bool IsFull => _naming.IsGraphQL && _naming.Features.HasFullNaming;

    private string BareName => _naming.IsGraphQL ? ApiNaming.Pascal(Identifier) : Identifier.Text;

    private string Cached(NameKind kind, string word)
    {
        var (names, number) = (_ofWords[(int)kind] ??= new string[Words.Count], Words[word]);
        return names[number] ??= Make(kind, word);
    }

    private string Make(NameKind kind, string word) => kind switch
    {
        NameKind.Update => _naming.Type(Identifier, $"{word}_input"),
        NameKind.Fields => _naming.Features.HasFullNaming || !_naming.IsGraphQL
            ? _naming.Type(Identifier, $"{word}_fields")
            : _naming.Customized($"{ApiNaming.Pascal(Identifier)}{ApiNaming.Upper(word)}Fields"),
        NameKind.Order => _naming.Type(Identifier, $"{word}_order_by", _naming.Features.HasFullNaming),
        NameKind.Predicate => !_naming.IsGraphQL ? $"{Predicate}_{word}"
            : !_naming.Features.HasFullNaming ? $"{ApiNaming.Pascal(Identifier)}_aggregate_bool_exp_{word}"
            : $"{_naming.Field("", Identifier, "aggregate_bool_exp")}{ApiNaming.Upper(word)}",
        NameKind.PredicateArguments => $"{PredicateOf(word)}{(IsFull ? "Arguments" : "_arguments")}",
        _ => !IsFull
            ? _naming.Customized($"{BareName}_select_column_{PredicateColumns(word, BareName)}")
            : _naming.Customized($"{ApiNaming.Pascal(Identifier)}SelectColumn{string.Concat(Identifier.Pieces.Select(ApiNaming.Upper))}AggregateBoolExp{ApiNaming.Upper(word)}ArgumentsColumns"),
    };

    private static string PredicateColumns(string function, string name) => $"{name}_aggregate_bool_exp_{function}_arguments_columns";

    private enum NameKind
    {
        Update,
        Fields,
        Order,
        Predicate,
        PredicateArguments,
        PredicateColumns,
    }
}
