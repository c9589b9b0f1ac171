using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Model;

namespace HasuraMigrations.Engine.Tests.Metadata.Api.Tables;

/// <summary>The words that graphql-default makes names of.</summary>
public sealed class ApiIdentifierTests
{
    [Theory]
    [InlineData("public", "user_posts", "userPosts", "UserPosts")]
    [InlineData("public", "_user_posts", "_userPosts", "_userPosts")]
    [InlineData("app", "user_posts", "appUserPosts", "AppUserPosts")]
    // An underscore stays with the first piece of the name that begins with it.
    [InlineData("app", "_user_posts", "app_userPosts", "App_userPosts")]
    [InlineData("_app", "user_posts", "_appUserPosts", "_appUserPosts")]
    public void A_name_outside_public_has_the_pieces_of_its_schema_before_its_own(string schema, string name, string field, string type)
    {
        // A table, and a function of the same name behind other root fields.
        var document = JsonNode.Parse($$$"""
            {"version":3,"sources":[{"name":"default","kind":"postgres","configuration":{"connection_info":{"database_url":{"from_env":"U"} } },
              "tables":[{"table":{"schema":"{{{schema}}}","name":"{{{name}}}"}}],
              "functions":[{"function":{"schema":"{{{schema}}}","name":"{{{name}}}"},"configuration":{"custom_root_fields":{"function":"found","function_aggregate":"counted"} } }]}]}
            """)!.AsObject();
        var catalog = CatalogJson.Read(JsonNode.Parse($$$"""
            {"tables":[{"schema":"{{{schema}}}","name":"{{{name}}}","kind":"r","cols":[{"name":"id","pos":1,"type":"int4","kind":"b","nullable":false,"mutable":true}],"idx":[{"name":"x_pkey","pk":true,"cols":["id"]}],"fks":[]}],
             "functions":[{"schema":"{{{schema}}}","name":"{{{name}}}","overloads":[{"vol":"s","set":true,"variadic":false,"rs":"{{{schema}}}","rt":"{{{name}}}","rk":"c","args":[{"type":"text","kind":"b"}],"names":["q"],"ndef":0}]}],
             "types":["int4","text"],"enum_values":{}}
            """)!);

        var schemaOfAdmin = RoleSchemas.Build(new MetadataDocument(document), catalog, "admin", SmallApi.GraphQLNames);

        Assert.Equal(["counted", "found", field, $"{field}Aggregate", $"{field}ByPk"], schemaOfAdmin.Find("query_root")!.Fields.Select(f => f.Name).Order(StringComparer.Ordinal).OrderBy(n => n.StartsWith(field, StringComparison.Ordinal)));
        Assert.Equal($"{field}Args", schemaOfAdmin.Find("query_root")!.Fields.Single(f => f.Name == "found").Arguments[0].Type.Name);
        Assert.NotNull(schemaOfAdmin.Find($"{type}BoolExp"));
    }
}
