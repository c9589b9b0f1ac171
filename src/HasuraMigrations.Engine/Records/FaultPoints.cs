namespace HasuraMigrations.Engine.Records;

/// <summary>Named places where the fault proofs of the test suite stop the process; in use they do nothing.</summary>
internal static class FaultPoints
{
    internal static Action<string>? Hook { get; set; }

    internal static void Reach(string name) => Hook?.Invoke(name);
}
