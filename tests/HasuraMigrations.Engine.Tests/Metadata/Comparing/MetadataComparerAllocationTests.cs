using HasuraMigrations.Engine.Metadata.Comparing;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Metadata.Comparing;

public sealed class MetadataComparerAllocationTests
{
    [Fact]
    public void Comparing_equal_tables_allocates_no_more_than_it_did()
    {
        var (old, @new) = (LargeTable.Document(), LargeTable.Document());

        Allocations.AtMost(16_200, () => MetadataComparer.Compare(old, @new));
    }

    [Fact]
    public void Comparing_tables_whose_permissions_all_differ_allocates_no_more_than_it_did()
    {
        var (old, @new) = (LargeTable.Document(10), LargeTable.Document(20));

        Allocations.AtMost(150_000, () => MetadataComparer.Compare(old, @new));
    }
}
