using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Types;
using HasuraMigrations.Engine.Metadata.Operations;

namespace HasuraMigrations.Engine.Tests.Vectors;

/// <summary>Whether a server took an operation, and whether it is valid here.</summary>
internal static class OperationAnswer
{
    // What a server says of an operation that does not fit its schema; other errors come from running it.
    private static readonly string[] Refusals = ["not found in type", "not found in", "no mutations exist", "not a valid GraphQL identifier", "unexpected", "has no argument named"];

    /// <summary>Fails where the answer of a server and the validation differ.</summary>
    public static void Compare(ApiSchema schema, string query, JsonNode? response)
    {
        var operations = OperationReader.Read([new OperationText(query) { IsVerbatim = true }], sharesFragments: false);
        var validator = new OperationValidator(schema, operations);
        var problems = operations.SelectMany(validator.Problems).Where(p => !p.IsTolerated && p.Hole is null).Select(p => $"{p.Rule}: {p.Message}").ToList();
        if (response.Get("data") is not null)
        {
            Assert.True(problems.Count == 0, $"{string.Join("; ", problems)}\n{query}");
        }
        else if (response.Get("errors").AsObjects().Any(e => Refusals.Any(r => e["message"].AsText()?.Contains(r, StringComparison.Ordinal) == true)))
        {
            Assert.True(problems.Count > 0, $"It is valid: {query}\n{response.ToText()}");
        }
    }
}
