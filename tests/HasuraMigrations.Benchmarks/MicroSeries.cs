using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;

namespace HasuraMigrations.Benchmarks;

/// <summary>The inner parts that everything passes through, one by one.</summary>
internal static class MicroSeries
{
    /// <summary>Measures them.</summary>
    /// <param name="isShort">Few iterations, for a look.</param>
    internal static void Run(bool isShort) => BenchmarkRunner.Run<InnerParts>(ManualConfig.Create(DefaultConfig.Instance)
        .AddJob((isShort ? Job.ShortRun : Job.Default).WithToolchain(InProcessNoEmitToolchain.Instance)));
}
