using System.Globalization;
using System.Numerics;
using GraphQL.Types;
using GraphQLParser.AST;

namespace HasuraMigrations.Engine.Metadata.Operations;

/// <summary>
/// Literals that servers take for scalars. Values of columns go to PostgreSQL as JSON, where a string is taken for every type and cast
/// later, and a value of an enum is a string; other literals have to fit (sources of Hasura of several versions). Of a scalar that PostgreSQL
/// does not have, nothing is known.
/// </summary>
internal static class OperationScalars
{
    private static readonly Dictionary<string, Func<GraphQLValue, bool>> Tests = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Int"] = v => IsWhole(v, int.MinValue, int.MaxValue) || IsText(v),
        ["smallint"] = v => IsWhole(v, short.MinValue, short.MaxValue) || IsText(v),
        ["bigint"] = v => IsWhole(v, long.MinValue, long.MaxValue) || IsText(v),
        ["Float"] = v => IsNumber(v) || IsText(v),
        ["float8"] = v => IsNumber(v) || IsText(v),
        ["numeric"] = v => IsNumber(v) || IsText(v),
        ["money"] = v => IsNumber(v) || IsText(v),
        ["Boolean"] = v => v is GraphQLBooleanValue || IsText(v),
        ["String"] = IsText,
        ["ID"] = v => v is GraphQLIntValue || IsText(v),
        ["uuid"] = IsText,
        ["bpchar"] = IsText,
        ["citext"] = IsText,
        ["date"] = IsText,
        ["timestamp"] = IsText,
        ["timestamptz"] = IsText,
        ["timetz"] = IsText,
    };

    /// <summary>A scalar of a schema.</summary>
    internal static ScalarGraphType Of(string name) => name switch
    {
        // Those of the library give way only to types that derive from them.
        "Int" => new IntScalar(),
        "Float" => new FloatScalar(),
        "Boolean" => new BooleanScalar(),
        "String" => new StringScalar(),
        "ID" => new IdScalar(),
        _ => new NamedScalar(name),
    };

    /// <summary>True for a literal that GraphQL itself takes for one of its own scalars; arguments that are no columns take no others.</summary>
    internal static bool IsStrict(string name, GraphQLValue value) => name switch
    {
        "Int" => IsWhole(value, int.MinValue, int.MaxValue),
        "Float" => IsNumber(value),
        "Boolean" => value is GraphQLBooleanValue,
        "String" => value is GraphQLStringValue,
        _ => true,
    };

    private static bool Fits(string name, GraphQLValue value) => value is GraphQLNullValue || !Tests.TryGetValue(name, out var test) || test(value);

    private static bool IsText(GraphQLValue value) => value is GraphQLStringValue or GraphQLEnumValue;

    private static bool IsNumber(GraphQLValue value) => value is GraphQLIntValue or GraphQLFloatValue;

    private static bool IsWhole(GraphQLValue value, long low, long high) => value switch
    {
        GraphQLIntValue whole => BigInteger.TryParse(whole.Value.Span, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= low && number <= high,
        GraphQLFloatValue broken => decimal.TryParse(broken.Value.Span, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number == decimal.Truncate(number) && number >= low && number <= high,
        _ => false,
    };

    private sealed class NamedScalar : ScalarGraphType
    {
        internal NamedScalar(string name) => Name = name;

        public override bool CanParseLiteral(GraphQLValue value) => Fits(Name, value);

        public override object? ParseLiteral(GraphQLValue value) => value;

        public override object? ParseValue(object? value) => value;
    }

    private sealed class IntScalar : IntGraphType
    {
        internal IntScalar() => Name = "Int";

        public override bool CanParseLiteral(GraphQLValue value) => Fits(Name, value);

        public override object? ParseLiteral(GraphQLValue value) => value;
    }

    private sealed class FloatScalar : FloatGraphType
    {
        internal FloatScalar() => Name = "Float";

        public override bool CanParseLiteral(GraphQLValue value) => Fits(Name, value);

        public override object? ParseLiteral(GraphQLValue value) => value;
    }

    private sealed class BooleanScalar : BooleanGraphType
    {
        internal BooleanScalar() => Name = "Boolean";

        public override bool CanParseLiteral(GraphQLValue value) => Fits(Name, value);

        public override object? ParseLiteral(GraphQLValue value) => value;
    }

    private sealed class StringScalar : StringGraphType
    {
        internal StringScalar() => Name = "String";

        public override bool CanParseLiteral(GraphQLValue value) => Fits(Name, value);

        public override object? ParseLiteral(GraphQLValue value) => value;
    }

    private sealed class IdScalar : IdGraphType
    {
        internal IdScalar() => Name = "ID";

        public override bool CanParseLiteral(GraphQLValue value) => Fits(Name, value);

        public override object? ParseLiteral(GraphQLValue value) => value;
    }
}
