using KvAspire.TestKit;

[assembly: AssemblyFixture(typeof(KvAspire.Libraries.Tests.LastLook))]
[assembly: TestCollectionOrderer(typeof(LastOfAll))]

namespace KvAspire.Libraries.Tests;

/// <summary>Runs alone, after all other collections.</summary>
[CollectionDefinition(LastOfAll.Name, DisableParallelization = true)]
public sealed class Afterwards;

/// <summary>The logs and traces of all tests.</summary>
public sealed class LastLook : IDisposable
{
    private readonly Witness witness = SmallService.Witness;

    public void Dispose() => witness.AssertNothingIsBetrayed();
}

[Collection(LastOfAll.Name)]
public sealed class SecrecyTests
{
    [Fact]
    public void No_log_and_no_trace_of_any_test_contains_a_secret() => SmallService.Witness.AssertNothingIsBetrayed();
}
