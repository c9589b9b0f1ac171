using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>The root fields of a table for a role.</summary>
internal sealed class TableRootFields
{
    private readonly TableView _view;
    private readonly TableRootNames _names;

    internal TableRootFields(TableView view)
    {
        _view = view;
        if (view.Table.Roots is not { } names)
        {
            _names = null!;
            return;
        }

        _names = names;
        AddQueries();
        var facts = view.Table.Info.Facts;
        if (view.Permissions.Insert is { } insert && facts.IsInsertable)
        {
            AddInsert(insert.IsBackendOnly);
        }

        if (view.Permissions.Update is { } update && facts.IsUpdatable)
        {
            AddUpdate(update.IsBackendOnly && view.Features.HasRootVisibility);
        }

        // Servers ask whether rows can be inserted, not whether they can be deleted (Hasura 2.48).
        if (view.Permissions.Delete is { } delete && facts.IsInsertable)
        {
            AddDelete(delete.IsBackendOnly && view.Features.HasRootVisibility);
        }
    }

    /// <summary>Fields of queries.</summary>
    internal List<ApiField> Queries { get; } = [];

    /// <summary>Fields of subscriptions.</summary>
    internal List<ApiField> Subscriptions { get; } = [];

    /// <summary>Fields of mutations, and whether only backends see them.</summary>
    internal List<(ApiField Field, bool IsBackendOnly)> Mutations { get; } = [];

    /// <summary>The field that lists rows, and the one that aggregates them; null where they are not there.</summary>
    internal (ApiField? Select, ApiField? Aggregate) Lists { get; private set; }

    private static ApiTypeRef Row(TableView view) => new(view.Names.Row);

    private static ApiTypeRef Response(TableView view) => new(view.Names.Response);

    private void AddQueries()
    {
        if (_view.Permissions.Select is not { } select)
        {
            return;
        }

        var hasColumns = select.Columns.Length > 0;
        var list = _names.Shared(_view, "select", hasColumns, static (v, c) => (ApiTypeRef.ListOf(v.Names.Row).NonNull(), v.Table.Arguments(c)));
        Add("select", list);
        // Servers of version 1 did not ask for the key (Hasura 1.3).
        if (select.HasKey(_view.Table) || (_view.Features.IsVersion1 && _view.Table.Key.Length > 0))
        {
            Add("select_by_pk", _names.Shared(_view, "select_by_pk", true, static (v, _) => (Row(v), [.. v.Table.Key.Select(c => c.Key)])));
        }

        ApiField? aggregate = null;
        if (select.HasAggregates)
        {
            aggregate = _names.Shared(_view, "select_aggregate", hasColumns, static (v, c) => (new ApiTypeRef(v.Names.Aggregate).NonNull(), v.Table.Arguments(c)));
            Add("select_aggregate", aggregate);
        }

        Lists = (list, aggregate);
        var isStreamed = _view.Features.HasStreams && (select.Columns.Length > 0 || !_view.Features.HasStreamsWithColumnsOnly);
        if (isStreamed && select.SubscriptionRoots?.Contains("select_stream") != false)
        {
            Subscriptions.Add(Stream());
        }

        void Add(string key, ApiField field)
        {
            if (select.QueryRoots?.Contains(key) != false)
            {
                Queries.Add(field);
            }

            if (select.SubscriptionRoots?.Contains(key) != false)
            {
                Subscriptions.Add(field);
            }
        }
    }

    private ApiField Stream() => _names.Shared(_view, "select_stream", true, static (v, _) => (ApiTypeRef.ListOf(v.Names.Row).NonNull(), ApiSort.Of(
        new ApiInputValue(v.Naming.Word("batch_size"), new ApiTypeRef("Int").NonNull(), "maximum number of rows returned in a single batch"),
        new ApiInputValue("cursor", new ApiTypeRef(v.Names.Cursor).List().NonNull(), "cursor to stream the results returned by the query"),
        TableView.Value("where", v.Names.Filter, "filter the rows returned"))));

    private void AddInsert(bool isBackendOnly)
    {
        var row = new ApiTypeRef(_view.Names.Insert).NonNull();
        Mutations.Add((_names.Field("insert", Response(_view), ApiSort.Of(new ApiInputValue("objects", row.List().NonNull(), "the rows to be inserted"), InsertTypes.Conflict(_view))), isBackendOnly));
        if (_view.Permissions.Select is not null)
        {
            Mutations.Add((_names.Field("insert_one", Row(_view), ApiSort.Of(new ApiInputValue("object", row, "the row to be inserted"), InsertTypes.Conflict(_view))), isBackendOnly));
        }
    }

    private void AddUpdate(bool isBackendOnly)
    {
        var operations = UpdateTypes.Operations(_view);
        Mutations.Add((_names.Field("update", Response(_view), ApiSort.Sorted([.. operations, UpdateTypes.Where(_view)])), isBackendOnly));
        if (MayReturnByKey)
        {
            var key = new ApiInputValue(_view.Naming.Word("pk_columns"), new ApiTypeRef(_view.Names.KeyColumns).NonNull());
            Mutations.Add((_names.Field("update_by_pk", Row(_view), ApiSort.Sorted([.. operations, key])), isBackendOnly));
        }

        if (_view.Features.HasUpdateMany)
        {
            Mutations.Add((_names.Shared(_view, "update_many", true, static (v, _) => (Response(v).List(), [new ApiInputValue("updates", ApiTypeRef.ListOf(v.Names.Updates).NonNull(), "updates to execute, in order")])), isBackendOnly));
        }
    }

    private void AddDelete(bool isBackendOnly)
    {
        Mutations.Add((_names.Shared(_view, "delete", true, static (v, _) => (Response(v), [new ApiInputValue("where", new ApiTypeRef(v.Names.Filter).NonNull(), "filter the rows which have to be deleted")])), isBackendOnly));
        if (MayReturnByKey)
        {
            Mutations.Add((_names.Shared(_view, "delete_by_pk", true, static (v, _) => (Row(v), [.. v.Table.Key.Select(c => c.Key)])), isBackendOnly));
        }
    }

    private bool MayReturnByKey => _view.Permissions.Select is { } select
        && (select.HasKey(_view.Table) || (_view.Features.IsVersion1 && _view.Table.Key.Length > 0));
}
