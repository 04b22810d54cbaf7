using Xunit.Sdk;
using Xunit.v3;

namespace KvAspire.TestKit;

/// <summary>
/// Has the tests of the collection of this name run alone, after all others: those that look at what the others left. An
/// assembly says so by <c>[assembly: TestCollectionOrderer(typeof(LastOfAll))]</c>, and defines the collection.
/// </summary>
public sealed class LastOfAll : ITestCollectionOrderer
{
    /// <summary>The collection.</summary>
    public const string Name = nameof(LastOfAll);

    /// <inheritdoc/>
    public IReadOnlyCollection<T> OrderTestCollections<T>(IReadOnlyCollection<T> testCollections)
        where T : ITestCollection =>
        [.. testCollections.OrderBy(collection => collection.TestCollectionDisplayName == Name)];
}
