using System.Globalization;

namespace HasuraMigrations.TestServer;

/// <summary>When, seen from the work of a request, a fault happens.</summary>
public enum FaultMoment
{
    /// <summary>Before: the work is not done.</summary>
    Before,

    /// <summary>While the work goes on; it ends as if nothing had happened.</summary>
    During,

    /// <summary>After the work is committed.</summary>
    After,
}

/// <summary>What goes wrong.</summary>
public enum FaultKind
{
    /// <summary>The answer comes late.</summary>
    Delay,

    /// <summary>A gateway answers with a page of HTML.</summary>
    Gateway,

    /// <summary>The connection breaks.</summary>
    Drop,

    /// <summary>The answer breaks off in the middle.</summary>
    Truncate,

    /// <summary>The answer says that somebody else wrote the metadata.</summary>
    Conflict,

    /// <summary>The answer sends the client elsewhere.</summary>
    Redirect,

    /// <summary>A gateway sends the request twice and gives the second answer.</summary>
    Repeat,

    /// <summary>The answer never comes, and the connection stays open.</summary>
    Swallow,
}

/// <summary>
/// A fault, written as <c>delay:250</c>, <c>502</c>, <c>504:before</c>, <c>504:during</c>, <c>200:after</c> (a page of HTML),
/// <c>drop:before</c>, <c>drop:during</c>, <c>drop:after</c>, <c>swallow:before</c>, <c>swallow:during</c>, <c>swallow:after</c>,
/// <c>repeat:during</c>, <c>repeat:after</c>, <c>truncate</c>, <c>409</c> or <c>redirect:URL</c>. Without a moment it is after the work.
/// </summary>
/// <param name="Kind">What goes wrong.</param>
/// <param name="Moment">When.</param>
/// <param name="Number">Milliseconds of a delay, or the status of a page.</param>
/// <param name="Text">Where a redirection leads.</param>
public sealed record TestFault(FaultKind Kind, FaultMoment Moment = FaultMoment.After, int Number = 0, string Text = "")
{
    /// <summary>The header of a request that asks for a fault.</summary>
    public const string Header = "X-Test-Fault";

    /// <summary>Reads a fault.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public static TestFault Parse(string text)
    {
        var parts = text.Split(':', 2);
        var rest = parts.Length > 1 ? parts[1] : "";
        return parts[0].ToLowerInvariant() switch
        {
            "delay" => new TestFault(FaultKind.Delay, FaultMoment.Before, ReadNumber(rest)),
            "drop" => new TestFault(FaultKind.Drop, ReadMoment(rest)),
            "repeat" => new TestFault(FaultKind.Repeat, ReadMoment(rest)),
            "swallow" => new TestFault(FaultKind.Swallow, ReadMoment(rest)),
            "truncate" => new TestFault(FaultKind.Truncate),
            "409" => new TestFault(FaultKind.Conflict, FaultMoment.Before),
            "redirect" => new TestFault(FaultKind.Redirect, FaultMoment.Before, Text: rest),
            var status => new TestFault(FaultKind.Gateway, ReadMoment(rest), ReadNumber(status)),
        };
    }

    private static int ReadNumber(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static FaultMoment ReadMoment(string text) =>
        text.Length == 0 ? FaultMoment.After
        : Enum.TryParse<FaultMoment>(text, ignoreCase: true, out var moment) ? moment
        : throw new FormatException($"'{text}' is not before, during or after.");
}
