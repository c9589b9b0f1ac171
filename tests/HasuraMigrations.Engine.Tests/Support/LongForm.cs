namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>
/// Whether proofs run in their long form, which <c>HASURA_TEST_LONG=1</c> asks for. The short form takes a part of the cases, so that
/// the whole suite ends within minutes on two processors.
/// </summary>
internal static class LongForm
{
    /// <summary>True where the long form is asked for.</summary>
    internal static bool IsOn { get; } = Environment.GetEnvironmentVariable("HASURA_TEST_LONG") == "1";

    /// <summary>A number of repetitions.</summary>
    internal static int Count(int inLongForm, int inShortForm) => IsOn ? inLongForm : inShortForm;

    /// <summary>All cases, or one of so many, spread evenly over their order.</summary>
    internal static IEnumerable<T> Of<T>(IEnumerable<T> cases, int oneOf) => IsOn ? cases : cases.Where((_, index) => index % oneOf == 0);
}
