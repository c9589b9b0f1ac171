using Xunit.Sdk;
using Xunit.v3;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>
/// Starts the test classes that take long before the others, in the order of their names here: one that begins near the end runs on alone while
/// the processors are idle. The others keep the order that the framework gives them.
/// </summary>
public abstract class LongFirst(params string[] classes) : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. DefaultTestCollectionOrderer.Instance.OrderTestCollections(testCollections).OrderBy(c => Place(c.TestCollectionDisplayName))];

    // "Test collection for Namespace.Class (id: ...)".
    private int Place(string collection)
    {
        var place = Array.FindIndex(classes, c => collection.Contains($".{c} (", StringComparison.Ordinal));
        return place < 0 ? classes.Length : place;
    }
}
