using KvAspire.Verify.Systems;
using Xunit;

namespace KvAspire.Verify.Tests;

/// <summary>One running system for all tests that need one; they run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class SharedSystem : ICollectionFixture<SharedSystem>, IAsyncLifetime
{
    public const string Name = "the running system";

    internal LiveSystem System { get; private set; } = null!;

    public async ValueTask InitializeAsync() => System = await LiveSystem.StartAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => System?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Requests of a new user, with unchanged targets.</summary>
    internal async Task<Door> NewUserAsync()
    {
        var (_, token) = await System.RegisterAsync(TestContext.Current.CancellationToken);
        return new(System.Gateway, token);
    }
}
