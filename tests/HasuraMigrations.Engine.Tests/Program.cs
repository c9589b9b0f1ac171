using HasuraMigrations.Engine.Tests.Corpus;
using HasuraMigrations.Engine.Tests.Faults;
using HasuraMigrations.Engine.Tests.Impacts;
using HasuraMigrations.Engine.Tests.Metadata.Merging;

namespace HasuraMigrations.Engine.Tests;

/// <summary>Entry point: the test framework, unless the first argument asks for one of our own modes.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args) => args switch
    {
        [ChildRun.Mode, .. var rest] => await ChildRun.MainAsync(rest),
        [SeedChild.Mode, var directory, var point] => await SeedChild.MainAsync(directory, point),
        [ExactlyOnceCommand.Mode, .. var rest] => await ExactlyOnceCommand.MainAsync(rest),
        [CorpusServerCommand.Mode] => await CorpusServerCommand.MainAsync(),
        [CorpusSquashCommand.Mode, .. var rest] => await CorpusSquashCommand.MainAsync(rest),
        [CorpusUpdateCommand.Mode, .. var rest] => await CorpusUpdateCommand.MainAsync(rest),
        [CorpusYamlCommand.Mode, .. var rest] => await CorpusYamlCommand.MainAsync(rest),
        [ApiMutantsCommand.Mode, .. var rest] => await ApiMutantsCommand.MainAsync(rest),
        [MutantsCommand.Mode, .. var rest] => await MutantsCommand.MainAsync(rest),
        [MergeRandomCommand.Mode, .. var rest] => MergeRandomCommand.RunAll(rest),
        [ReleaseKillsCommand.Mode, .. var rest] => await ReleaseKillsCommand.MainAsync(rest),
        [ReleaseProof.ChildMode, var directory, var point, var occurrence] => await ReleaseProof.ChildAsync(directory, point, int.Parse(occurrence)),
        [ServerFaultsCommand.Mode, .. var rest] => await ServerFaultsCommand.MainAsync(rest),
        // What the generated entry point of the framework does.
        _ when args.Any(a => a is "--server" or "--internal-msbuild-node") =>
            await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
        _ => await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args),
    };
}
