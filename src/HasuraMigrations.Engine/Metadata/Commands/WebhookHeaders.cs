using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Commands;

/// <summary>Headers that a server sends to a webhook.</summary>
internal static class WebhookHeaders
{
    /// <summary>Looks at the headers in arguments, if there are any: each has a value, or a variable that may be told to others.</summary>
    /// <param name="args">What may have a member <c>headers</c>.</param>
    /// <exception cref="MetadataCommandException">parse-failed.</exception>
    internal static void Require(CommandArguments args)
    {
        foreach (var header in args.Map["headers"] is null ? [] : args.Items("headers"))
        {
            _ = header.Text("name");
            var variable = header.MaybeText("value_from_env");
            if (variable is null == header.MaybeText("value") is null)
            {
                throw MetadataCommandException.Parse("a header has either value or value_from_env", header.Path);
            }

            if (variable is not null && ValueShapes.HeaderVariableProblem(variable) is not null)
            {
                throw MetadataCommandException.Parse($"env variables starting with \"{ValueShapes.ReservedVariables}\" are not allowed in value_from_env: {variable}", header.Path);
            }
        }
    }
}
