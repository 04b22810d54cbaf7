using Xunit.Sdk;
using Xunit.v3;

namespace KvAspire.TestKit;

/// <summary>
/// Runs the collection of this name alone, after all others. For an assembly with
/// <c>[assembly: TestCollectionOrderer(typeof(LastOfAll))]</c> and a definition of the collection.
/// </summary>
public sealed class LastOfAll : ITestCollectionOrderer
{
    /// <summary>The name of the collection.</summary>
    public const string Name = nameof(LastOfAll);

    public IReadOnlyCollection<T> OrderTestCollections<T>(IReadOnlyCollection<T> testCollections)
        where T : ITestCollection =>
        [.. testCollections.OrderBy(collection => collection.TestCollectionDisplayName == Name)];
}
