using KvAspire.TestKit;

[assembly: AssemblyFixture(typeof(KvAspire.ServiceDefaults.Tests.LastLook))]
[assembly: TestCollectionOrderer(typeof(LastOfAll))]

namespace KvAspire.ServiceDefaults.Tests;

/// <summary>Alone, and after all others.</summary>
[CollectionDefinition(LastOfAll.Name, DisableParallelization = true)]
public sealed class Afterwards;

/// <summary>What is heard from the beginning until the very end.</summary>
public sealed class LastLook : IDisposable
{
    private readonly Witness witness = SmallService.Witness;

    /// <inheritdoc/>
    public void Dispose() => witness.AssertNothingIsBetrayed();
}

[Collection(LastOfAll.Name)]
public sealed class SecrecyTests
{
    [Fact]
    public void Nothing_that_any_test_did_is_in_a_log_or_a_trace() => SmallService.Witness.AssertNothingIsBetrayed();
}
