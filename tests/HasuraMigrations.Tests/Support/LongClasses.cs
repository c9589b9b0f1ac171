using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Tests.Commands;
using HasuraMigrations.Tests.Documentation;
using HasuraMigrations.Tests.Pester;
using HasuraMigrations.Tests.Support;

[assembly: TestCollectionOrderer(typeof(LongClasses))]

namespace HasuraMigrations.Tests.Support;

/// <summary>The longest classes of a whole run, from a quarter of a minute on.</summary>
public sealed class LongClasses() : LongFirst(
    nameof(CommandExampleTests),
    nameof(PesterTests),
    nameof(PageExampleTests),
    nameof(LogFormatTests),
    nameof(SearchPathTests),
    nameof(SecretTests),
    nameof(PipelineSampleTests),
    nameof(AutoApplyTests),
    nameof(ImpactTests),
    nameof(ServerTests));
