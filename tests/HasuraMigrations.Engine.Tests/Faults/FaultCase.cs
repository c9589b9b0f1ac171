namespace HasuraMigrations.Engine.Tests.Faults;

/// <summary>One case of the proof.</summary>
/// <param name="Name">What is done.</param>
/// <param name="RunAsync">Does it; returns what is wrong afterwards, and a word on how it went.</param>
internal sealed record FaultCase(string Name, Func<Task<CaseResult>> RunAsync);

/// <summary>What came of a case.</summary>
/// <param name="Flaws">What is wrong; empty for a proof.</param>
/// <param name="Note">How the disturbed run ended.</param>
internal sealed record CaseResult(IReadOnlyList<string> Flaws, string Note);
