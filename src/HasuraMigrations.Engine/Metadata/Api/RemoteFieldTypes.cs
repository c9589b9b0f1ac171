using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Api.Tables;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>Makes the fields of tables that lead to a remote schema whose SDL is known.</summary>
/// <param name="remote">The remote schema, as its own server names it.</param>
/// <param name="names">How its names are changed.</param>
internal sealed class RemoteFieldTypes(ApiSchema remote, RemoteNames names)
{
    /// <summary>Makes a field: its type is that of the last field on the way, and its arguments are those of that field which the relationship does not give.</summary>
    /// <param name="table">The table.</param>
    /// <param name="field">The relationship.</param>
    /// <param name="isRestricted">The SDL is what a permission shows of the remote schema.</param>
    /// <param name="more">Receives copies of input types of which the relationship gives a part.</param>
    /// <param name="unknown">Why it cannot be made; null where it is made, and where the permission hides it.</param>
    internal ApiField? Make(ApiTable table, ApiRemoteField field, bool isRestricted, List<ApiType> more, out string? unknown)
    {
        unknown = null;
        var type = remote.Find(remote.QueryType);
        for (var i = 0; i < field.Path.Count; i++)
        {
            var (name, given) = field.Path[i];
            if (Array.Find(type?.Fields ?? [], f => f.Name == name) is not { } found)
            {
                unknown = isRestricted ? null : $"its SDL has no field {name} in {type?.Name ?? remote.QueryType}";
                return null;
            }

            // A permission takes arguments with presets away; the relationship may give them all the same.
            if (!isRestricted && given.Select(a => a.Key).FirstOrDefault(a => !Array.Exists(found.Arguments, f => f.Name == a)) is { } other)
            {
                unknown = $"its SDL has no argument {other} of {type!.Name}.{name}";
                return null;
            }

            if (i == field.Path.Count - 1)
            {
                var left = Rest(table, field, found.Arguments, given, more, out unknown);
                return unknown is null ? new ApiField(field.Name, names.Renamed(found.Type)) { Arguments = left } : null;
            }

            if (found.Type.IsList)
            {
                unknown = $"it leads through the list {type!.Name}.{name}";
                return null;
            }

            type = remote.Find(found.Type.Name);
        }

        unknown = "the relationship names no field";
        return null;
    }

    private ApiInputValue[] Rest(ApiTable table, ApiRemoteField field, ApiInputValue[] all, JsonObject given, List<ApiType> more, out string? unknown)
    {
        unknown = null;
        var left = new List<ApiInputValue>();
        foreach (var value in all)
        {
            if (!given.TryGetPropertyValue(value.Name, out var part))
            {
                left.Add(names.Renamed(value));
            }
            else if (Part(table, field, value, part, more, out unknown) is { } rest)
            {
                left.Add(rest);
            }

            if (unknown is not null)
            {
                return [];
            }
        }

        return ApiSort.Sorted(left);
    }

    // Null where all of it is given.
    private ApiInputValue? Part(ApiTable table, ApiRemoteField field, ApiInputValue value, JsonNode? given, List<ApiType> more, out string? unknown)
    {
        unknown = null;
        if (remote.Find(value.Type.Name) is not { Kind: ApiTypeKind.InputObject } input || given is not (JsonObject or JsonArray))
        {
            return null;
        }

        // The reference of servers says nothing of lists of which a part is given, nor of copies of types that are renamed.
        if (given is not JsonObject parts || value.Type.IsList || names.Renamed(value.Type) != value.Type)
        {
            unknown = $"the relationship gives a part of {value.Type}";
            return null;
        }

        var left = Rest(table, field, input.InputFields, parts, more, out unknown);
        if (unknown is not null || left.Length == 0)
        {
            return null;
        }

        var copy = input with { Name = $"{input.Name}_remote_rel_{table.Info.Name.InGraphQL}{field.Name}", InputFields = left };
        more.Add(copy);
        return value with { Type = value.Type with { Name = copy.Name }, Default = null };
    }
}
