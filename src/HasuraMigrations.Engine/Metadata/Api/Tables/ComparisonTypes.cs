using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Schema;

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>The filters of columns: one input type for each type of a column.</summary>
internal sealed class ComparisonTypes(SharedTypes types)
{
    private const string GivenPattern = "the given pattern";
    private const string InsensitivePattern = "the given case-insensitive pattern";
    private const string SqlPattern = "the given SQL regular expression";

    private static readonly (string Name, bool IsMatch, string Text)[] Patterns =
    [
        ("_ilike", true, InsensitivePattern),
        ("_like", true, GivenPattern),
        ("_nilike", false, InsensitivePattern),
        ("_nlike", false, GivenPattern),
        ("_nsimilar", false, SqlPattern),
        ("_similar", true, SqlPattern),
    ];

    private static readonly (string Name, bool IsMatch, string Text)[] Regexes =
    [
        ("_iregex", true, "the given POSIX regular expression, case insensitive"),
        ("_niregex", false, "the given POSIX regular expression, case insensitive"),
        ("_nregex", false, "the given POSIX regular expression, case sensitive"),
        ("_regex", true, "the given POSIX regular expression, case sensitive"),
    ];

    private static readonly (string Name, string Text)[] GeometryRelations =
    [
        ("_st_3d_intersects", "does the column spatially intersect the given geometry value in 3D"),
        ("_st_contains", "does the column contain the given geometry value"),
        ("_st_crosses", "does the column cross the given geometry value"),
        ("_st_equals", "is the column equal to given geometry value (directionality is ignored)"),
        ("_st_intersects", "does the column spatially intersect the given geometry value"),
        ("_st_overlaps", "does the column 'spatially overlap' (intersect but not completely contain) the given geometry value"),
        ("_st_touches", "does the column have atleast one point in common with the given geometry value"),
        ("_st_within", "is the column contained in the given geometry value"),
    ];

    // As servers of version 1.3 show them.
    private static readonly (string Name, string Text)[] EarlyRelations =
    [
        ("_st_contains", "does the column contain the given geometry value"),
        ("_st_crosses", "does the column crosses the given geometry value"),
        ("_st_equals", "is the column equal to given geometry value. Directionality is ignored"),
        ("_st_intersects", "does the column spatially intersect the given geometry value"),
        ("_st_overlaps", "does the column 'spatially overlap' (intersect but not completely contain) the given geometry value"),
        ("_st_touches", "does the column have atleast one point in common with the given geometry value"),
        ("_st_within", "is the column contained in the given geometry value"),
    ];

    /// <summary>The filter of a column of a scalar type; its name.</summary>
    internal string Of(ApiNaming naming, PostgresScalar scalar)
    {
        var shown = ScalarName(naming, scalar.Name);
        return types.KeepScalar(Make(naming, $"{scalar.Name}_comparison_exp", shown, fields =>
        {
            AddEquality(naming, fields, new ApiTypeRef(shown));
            // Rasters have no order.
            if (!(scalar.IsKnown && scalar.Name == "raster"))
            {
                AddOrder(fields, new ApiTypeRef(shown));
            }

            if (scalar.IsStringLike)
            {
                AddPatterns(fields, new ApiTypeRef(types.Features.IsVersion1 ? "String" : shown));
            }

            if (scalar.IsKnown)
            {
                AddOperators(naming, fields, scalar.Name, shown);
            }
        }), shown);
    }

    /// <summary>The filter of an array; its name.</summary>
    internal string OfArray(ApiNaming naming, PostgresScalar element)
    {
        var shown = ScalarName(naming, element.Name);
        return types.KeepScalar(Make(naming, $"{element.Name}_array_comparison_exp", shown, fields =>
        {
            var type = ApiTypeRef.ListOf(shown);
            AddEquality(naming, fields, type);
            AddOrder(fields, type);
            fields.Add(new ApiInputValue(naming.Word("_contained_in"), type, "is the array contained in the given array value"));
            fields.Add(new ApiInputValue(naming.Word("_contains"), type, "does the array contain the given value"));
        }), shown);
    }

    /// <summary>The filter of a column that refers to an enum table; its name.</summary>
    internal string OfEnum(ApiNaming naming, string type) => Make(naming, $"{type}_comparison_exp", type, fields => AddEquality(naming, fields, new ApiTypeRef(type)));

    /// <summary>The name of a scalar under the convention of a source.</summary>
    internal static string ScalarName(ApiNaming naming, string scalar) => naming.IsGraphQLThroughout ? ApiNaming.Pascal(scalar) : scalar;

    private string Make(ApiNaming naming, string words, string scalar, Action<List<ApiInputValue>> fill) => Keep(naming.SharedType(words), scalar, fill);

    private string Keep(string name, string scalar, Action<List<ApiInputValue>> fill)
    {
        if (types.Has(name))
        {
            return name;
        }

        var fields = new List<ApiInputValue>();
        fill(fields);
        return types.Keep(new ApiType(ApiTypeKind.InputObject, name, types.Features.Texts.Comparison(scalar)) { InputFields = ApiSort.Sorted(fields) });
    }

    private static void AddEquality(ApiNaming naming, List<ApiInputValue> fields, ApiTypeRef type)
    {
        fields.Add(new ApiInputValue("_eq", type));
        fields.Add(new ApiInputValue("_in", type.NonNull().List()));
        fields.Add(new ApiInputValue(naming.Word("_is_null"), new ApiTypeRef("Boolean")));
        fields.Add(new ApiInputValue("_neq", type));
        fields.Add(new ApiInputValue("_nin", type.NonNull().List()));
    }

    private static void AddOrder(List<ApiInputValue> fields, ApiTypeRef type) =>
        fields.AddRange(new[] { "_gt", "_gte", "_lt", "_lte" }.Select(o => new ApiInputValue(o, type)));

    private void AddPatterns(List<ApiInputValue> fields, ApiTypeRef type)
    {
        foreach (var (name, isMatch, text) in types.Features.IsVersion1 ? Patterns : [.. Patterns, .. Regexes])
        {
            fields.Add(new ApiInputValue(name, type, types.Features.Texts.SinceVersion2($"does the column {(isMatch ? "match" : "NOT match")} {text}")));
        }
    }

    private void AddOperators(ApiNaming naming, List<ApiInputValue> fields, string scalar, string shown)
    {
        void Add(string name, ApiTypeRef type, string? text = null) => fields.Add(new ApiInputValue(naming.Word(name), type, text));
        ApiTypeRef Named(string name) => new(ScalarName(naming, name));
        switch (scalar)
        {
            case "jsonb":
                Add("_contained_in", new ApiTypeRef(shown), "is the column contained in the given json value");
                Add("_contains", new ApiTypeRef(shown), "does the column contain the given json value at the top level");
                Add("_has_key", new ApiTypeRef("String"), "does the string exist as a top-level key in the column");
                Add("_has_keys_all", ApiTypeRef.ListOf("String"), "do all of these strings exist as top-level keys in the column");
                Add("_has_keys_any", ApiTypeRef.ListOf("String"), "do any of these strings exist as top-level keys in the column");
                if (!types.Features.IsVersion1)
                {
                    Add("_cast", new ApiTypeRef(Cast(naming, "jsonb", "String", Of(naming, PostgresScalar.Of("text")))));
                }

                break;
            case "ltree" when !types.Features.IsVersion1:
                Add("_ancestor", Named("ltree"), "is the left argument an ancestor of right (or equal)?");
                Add("_ancestor_any", ApiTypeRef.ListOf(Named("ltree").Name), "does array contain an ancestor of `ltree`?");
                Add("_descendant", Named("ltree"), "is the left argument a descendant of right (or equal)?");
                Add("_descendant_any", ApiTypeRef.ListOf(Named("ltree").Name), "does array contain a descendant of `ltree`?");
                Add("_matches", Named("lquery"), "does `ltree` match `lquery`?");
                Add("_matches_any", ApiTypeRef.ListOf("String"), "does `ltree` match any `lquery` in array?");
                Add("_matches_fulltext", Named("ltxtquery"), "does `ltree` match `ltxtquery`?");
                break;
            case "geometry":
                foreach (var (relation, text) in types.Features.IsVersion1 ? EarlyRelations : GeometryRelations)
                {
                    Add(relation, Named("geometry"), text);
                }

                if (!types.Features.IsVersion1)
                {
                    Add("_st_3d_d_within", new ApiTypeRef(Distance(naming, "st_d_within_input", "geometry")), "is the column within a given 3D distance from the given geometry value");
                }

                Add("_st_d_within", new ApiTypeRef(Distance(naming, "st_d_within_input", "geometry")), Within("geometry"));
                Add("_cast", new ApiTypeRef(CastOf(naming, "geometry", "geography")));
                break;
            case "geography":
                Add("_st_intersects", Named("geography"), "does the column spatially intersect the given geography value");
                Add("_st_d_within", new ApiTypeRef(Distance(naming, "st_d_within_geography_input", "geography")), Within("geography"));
                Add("_cast", new ApiTypeRef(CastOf(naming, "geography", "geometry")));
                break;
            case "raster":
                Add("_st_intersects_rast", Named("raster"));
                Add("_st_intersects_nband_geom", new ApiTypeRef(Band(naming, "st_intersects_nband_geom_input", isBandRequired: true)));
                Add("_st_intersects_geom_nband", new ApiTypeRef(Band(naming, "st_intersects_geom_nband_input", isBandRequired: false)));
                break;
        }
    }

    private string Within(string type) => types.Features.IsVersion1 ? $"is the column within a distance from a {type} value" : $"is the column within a given distance from the given {type} value";

    // Each of two types is cast to the other, so the name of the filter comes first.
    private string CastOf(ApiNaming naming, string from, string to)
    {
        var name = naming.SharedType($"{from}_cast_exp");
        if (!types.Has(name))
        {
            types.Keep(new ApiType(ApiTypeKind.InputObject, name, types.Features.Texts.Cast(from)) { InputFields = [new ApiInputValue(ScalarName(naming, to), new ApiTypeRef(naming.SharedType($"{to}_comparison_exp")))] });
            Of(naming, PostgresScalar.Of(to));
        }

        return name;
    }

    private string Cast(ApiNaming naming, string from, string to, string filter) =>
        types.Keep(new ApiType(ApiTypeKind.InputObject, naming.SharedType($"{from}_cast_exp"), null) { InputFields = [new ApiInputValue(to, new ApiTypeRef(filter))] });

    // Conventions do not change the names of these inputs and of their fields (Hasura 2.48).
    private string Distance(ApiNaming naming, string name, string type)
    {
        var fields = new List<ApiInputValue>
        {
            new("distance", new ApiTypeRef("Float").NonNull()),
            new("from", new ApiTypeRef(ScalarName(naming, type)).NonNull()),
        };
        if (type == "geography")
        {
            fields.Add(new ApiInputValue("use_spheroid", new ApiTypeRef("Boolean"), null, "true"));
        }

        return types.Keep(new ApiType(ApiTypeKind.InputObject, name, null) { InputFields = [.. fields] });
    }

    private string Band(ApiNaming naming, string name, bool isBandRequired)
    {
        var band = new ApiTypeRef("Int");
        return types.Keep(new ApiType(ApiTypeKind.InputObject, name, null)
        {
            InputFields =
            [
                new ApiInputValue("geommin", new ApiTypeRef(ScalarName(naming, "geometry")).NonNull()),
                new ApiInputValue("nband", isBandRequired ? band.NonNull() : band),
            ],
        });
    }
}
