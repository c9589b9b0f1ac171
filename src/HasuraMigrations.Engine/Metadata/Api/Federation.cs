using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Tables;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>What Apollo federation asks for.</summary>
internal static class Federation
{
    /// <summary>Adds its fields and types.</summary>
    internal static void Add(RoleSchema schema)
    {
        if (!schema.Model.Features.HasFederation)
        {
            return;
        }

        schema.Add(new ApiType(ApiTypeKind.Object, "_Service", null) { Fields = [new ApiField("sdl", new ApiTypeRef("String").NonNull(), "SDL representation of schema")] });
        schema.Queries.Add(new ApiField("_service", new ApiTypeRef("_Service").NonNull()));
        var entities = schema.Views.OfType<TableView>().Where(IsEntity).Select(v => v.Names.Row).Order(StringComparer.Ordinal).ToList();
        if (entities.Count == 0)
        {
            return;
        }

        schema.Add(new ApiType(ApiTypeKind.Union, "_Entity", null) { PossibleTypes = [.. entities] });
        schema.Add(new ApiType(ApiTypeKind.Scalar, "_Any", "Scalar _Any"));
        schema.Queries.Add(new ApiField("_entities", new ApiTypeRef("_Entity")) { Arguments = [new ApiInputValue("representations", ApiTypeRef.ListOf("_Any").NonNull())] });
    }

    // Whether the role may read the key is not asked (Hasura 2.48).
    private static bool IsEntity(TableView view) =>
        view.Permissions.Select is not null && view.Table.Key.Length > 0 && view.Table.Info.Node["apollo_federation_config"].Get("enable").AsText() == "v1";
}
