using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Tables;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>The fields of the rows of native queries that lead elsewhere, for a role.</summary>
internal sealed class NativeLinks(RoleSchema schema)
{
    internal IEnumerable<ApiField> Of(NativeQuery query)
    {
        foreach (var (name, isArray, definition) in query.OwnLinks)
        {
            var target = definition.Get("manual_configuration") ?? definition;
            if (target.Get("remote_native_query").AsText() is { } other)
            {
                if (schema.Rights.Readable.FirstOrDefault(q => q.Name == other && ReferenceEquals(q.Model.Source, query.Model.Source)) is { } found)
                {
                    yield return found.Field(name, isArray);
                }
            }
            else if (QualifiedName.Read(target.Get("remote_table")) is { } table && schema.Model.FindTable(query.Model.Source.Name, table) is { } row && schema.Permissions[row.Index].Select is { } select)
            {
                yield return new ApiLink(isArray ? ApiLinkKind.Array : ApiLinkKind.Object, name, row).Row(select.Columns.Length > 0);
            }
        }
    }
}
