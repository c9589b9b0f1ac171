namespace HasuraMigrations.Engine.Tests.Metadata.Merging;

/// <summary>The short form of <see cref="MergeRandomCommand"/>.</summary>
public sealed class MergeRandomTests
{
    [Fact]
    public void Both_edits_are_applied_and_only_one_field_changed_twice_is_a_conflict()
    {
        var runs = Enumerable.Range(500_000, 40).Select(MergeRandomCommand.Run).ToList();

        Assert.All(runs, r => Assert.Null(r.Wrong));
        Assert.Contains(runs, r => r.Conflicts > 0);
        Assert.Contains(runs, r => r.Conflicts == 0);
    }
}
