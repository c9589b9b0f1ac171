using HasuraMigrations.Engine.Tests.ApiCases;
using HasuraMigrations.Engine.Tests.Corpus;
using HasuraMigrations.Engine.Tests.Faults;
using HasuraMigrations.Engine.Tests.Metadata.Commands;
using HasuraMigrations.Engine.Tests.Proofs;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.Engine.Tests.Targets;
using HasuraMigrations.Engine.Tests.Targets.Postgres.Runs;
using HasuraMigrations.Engine.Tests.Vectors;

[assembly: TestCollectionOrderer(typeof(LongClasses))]

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>The longest classes of a whole run, from half a minute on.</summary>
public sealed class LongClasses() : LongFirst(
    nameof(ExactlyOnceTests),
    nameof(StatementRunTests),
    nameof(SquashProofTests),
    nameof(ReleaseKillsTests),
    nameof(CorpusTests),
    nameof(ApiCaseTests),
    nameof(MetadataApiVectorTests),
    nameof(CorpusUpdateTests),
    nameof(BesideHasuraCliTests),
    nameof(SearchPathTests),
    nameof(YamlCorpusTests),
    nameof(SchemaProofTests),
    nameof(RepeatableRunTests),
    nameof(LostConnectionTests),
    nameof(WrongArgumentTests),
    nameof(MetadataFilesCorpusTests));
