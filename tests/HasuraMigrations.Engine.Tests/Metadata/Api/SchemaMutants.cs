using HasuraMigrations.Engine.Metadata.Api.Formats;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Tests.Metadata.Api;

/// <summary>Makes random single changes of schemas, of each criterion, those too that no change of a database makes.</summary>
internal sealed class SchemaMutants(Random random)
{
    /// <summary>A changed copy; null where the dice met nothing to change.</summary>
    public (string Text, ApiSchema Schema)? Of(ApiSchema schema)
    {
        var own = schema.Types.Where(t => !t.IsIntrospection && !SdlSchemaWriter.BuiltIn.Contains(t.Name)).ToList();
        if (random.Next(8) == 0)
        {
            return Directives(schema);
        }

        var type = own[random.Next(own.Count)];
        if (random.Next(12) == 0)
        {
            // What leads to a type goes with it, since a schema with a type that is not there is none.
            return ("remove a union", With(schema, schema.Types.Where(t => t.Kind != ApiTypeKind.Union)));
        }

        var changed = type.Kind switch
        {
            ApiTypeKind.Object or ApiTypeKind.Interface => Object(type, own),
            ApiTypeKind.InputObject => Input(type),
            ApiTypeKind.Enum => type with { EnumValues = Listed(type.EnumValues, v => v.Name, new ApiEnumValue("mutant"), v => v with { Description = "mutant" }) },
            ApiTypeKind.Union => type with { PossibleTypes = [own.First(t => t.Kind == ApiTypeKind.Object).Name] },
            _ => type with { Description = "mutant" },
        };
        return ($"change {type.Name}", With(schema, schema.Types.Select(t => ReferenceEquals(t, type) ? changed : t)));
    }

    /// <summary>The schema with a union, an interface and a directive, which no table makes.</summary>
    public static ApiSchema WithAll(ApiSchema schema)
    {
        var query = schema.Find(schema.QueryType)!;
        List<ApiType> more =
        [
            new ApiType(ApiTypeKind.Interface, "MutantNode", null) { Fields = [new ApiField("a", new ApiTypeRef("Int"))], PossibleTypes = ["MutantRow"] },
            new ApiType(ApiTypeKind.Object, "MutantRow", null)
            {
                Interfaces = ["MutantNode"],
                Fields = [new ApiField("a", new ApiTypeRef("Int")) { Arguments = [new ApiInputValue("b", new ApiTypeRef("Int"), null, "1"), new ApiInputValue("c", new ApiTypeRef("Int").NonNull(), null, "1"), new ApiInputValue("d", ApiTypeRef.ListOf("Int"))] }],
            },
            new ApiType(ApiTypeKind.Union, "MutantAny", null) { PossibleTypes = ["MutantRow", schema.QueryType] },
            new ApiType(ApiTypeKind.InputObject, "MutantInput", null) { InputFields = [new ApiInputValue("a", new ApiTypeRef("Int"), null, "1"), new ApiInputValue("b", new ApiTypeRef("Int").NonNull(), null, "1"), new ApiInputValue("c", ApiTypeRef.ListOf("Int").NonNull())] },
        ];
        var roots = query with { Fields = [.. query.Fields, new ApiField("mutant", new ApiTypeRef("MutantAny")) { Arguments = [new ApiInputValue("i", new ApiTypeRef("MutantInput"))] }, new ApiField("node", new ApiTypeRef("MutantNode"))] };
        return With(schema, schema.Types.Where(t => t.Name != query.Name).Append(roots).Concat(more), [.. schema.Directives, new ApiDirective("mutant", null, ["QUERY", "FIELD"], [new ApiInputValue("a", new ApiTypeRef("Int"))]) { IsRepeatable = true }]);
    }

    private (string Text, ApiSchema Schema) Directives(ApiSchema schema)
    {
        ApiDirective? Changed(ApiDirective directive) => random.Next(6) switch
        {
            0 => null,
            1 => directive with { Locations = ["QUERY"] },
            2 => directive with { IsRepeatable = false },
            3 => directive with { Arguments = [] },
            4 => directive with { Arguments = [.. directive.Arguments, new ApiInputValue("more", new ApiTypeRef("Int").NonNull())] },
            _ => directive with { Arguments = [.. directive.Arguments, new ApiInputValue("more", new ApiTypeRef("Int"))] },
        };
        return ("change a directive", With(schema, schema.Types, [.. schema.Directives.Select(d => d.Name == "mutant" ? Changed(d) : d).OfType<ApiDirective>()]));
    }

    private ApiType Object(ApiType type, List<ApiType> own) => random.Next(6) switch
    {
        0 when type.Name.StartsWith("Mutant", StringComparison.Ordinal) => type with { Interfaces = type.Interfaces.Length > 0 ? [] : [own.First(t => t.Kind == ApiTypeKind.Interface).Name] },
        1 => type with { Description = "mutant" },
        _ => type with { Fields = Listed(type.Fields, f => f.Name, new ApiField("mutant", new ApiTypeRef("Int")) { Arguments = [new ApiInputValue("a", new ApiTypeRef("Int").NonNull())] }, Field) },
    };

    private ApiField Field(ApiField field) => random.Next(5) switch
    {
        0 => field with { Type = Type(field.Type) },
        1 => field with { Description = "mutant" },
        _ => field with { Arguments = Listed(field.Arguments, a => a.Name, New(), Value) },
    };

    private ApiType Input(ApiType type) => type with { InputFields = Listed(type.InputFields, f => f.Name, New(), Value) };

    private ApiInputValue New() => random.Next(4) switch
    {
        0 => new ApiInputValue("mutant", new ApiTypeRef("Int").NonNull()),
        1 => new ApiInputValue("mutant", new ApiTypeRef("Int"), null, "1"),
        2 => new ApiInputValue("mutant", new ApiTypeRef("Int").NonNull(), null, "1"),
        _ => new ApiInputValue("mutant", new ApiTypeRef("Int")),
    };

    private ApiInputValue Value(ApiInputValue value) => random.Next(4) switch
    {
        0 => value with { Type = Type(value.Type), Default = null },
        1 => value with { Description = "mutant" },
        // A default has to fit its type.
        2 when value.Type.Name == "Int" && !value.Type.IsList => value with { Default = value.Default == "1" ? "2" : "1" },
        3 when value.Default is not null => value with { Default = null },
        _ => value with { Type = Type(value.Type), Default = null },
    };

    private ApiTypeRef Type(ApiTypeRef type) => random.Next(4) switch
    {
        0 => type.IsNonNull ? type.Nullable() : type.NonNull(),
        1 when type.Element() is { } element => (element.IsNonNull ? element.Nullable() : element.NonNull()).List(),
        2 => type.List(),
        3 => new ApiTypeRef("Float"),
        _ => type.IsNonNull ? type.Nullable() : type.NonNull(),
    };

    // One more, one less, or one changed.
    private T[] Listed<T>(T[] list, Func<T, string> name, T more, Func<T, T> change)
        where T : class
    {
        var index = list.Length == 0 ? -1 : random.Next(list.Length);
        return (list.Length > 1 ? random.Next(3) : list.Length == 1 ? 1 + random.Next(2) : 2) switch
        {
            0 => [.. list.Where((_, i) => i != index)],
            1 => [.. list.Select((v, i) => i == index ? change(v) : v)],
            _ => [.. list.Where(v => name(v) != name(more)), more],
        };
    }

    private static ApiSchema With(ApiSchema schema, IEnumerable<ApiType> types, IReadOnlyList<ApiDirective>? directives = null)
    {
        var list = types.ToList();
        // A member whose type is gone goes.
        var names = list.Select(t => t.Name).ToHashSet();
        var whole = list.Select(t => t.Fields.All(f => names.Contains(f.Type.Name) || SdlSchemaWriter.BuiltIn.Contains(f.Type.Name)) ? t : t with { Fields = [.. t.Fields.Where(f => names.Contains(f.Type.Name) || SdlSchemaWriter.BuiltIn.Contains(f.Type.Name))] });
        // graphql-js wants every type that is named, also those of the language.
        var scalars = SdlSchemaWriter.BuiltIn.Where(b => !names.Contains(b)).Select(b => new ApiType(ApiTypeKind.Scalar, b, null));
        return new ApiSchema(whole.Concat(scalars)) { QueryType = schema.QueryType, MutationType = schema.MutationType, SubscriptionType = schema.SubscriptionType, Directives = directives ?? schema.Directives };
    }
}
