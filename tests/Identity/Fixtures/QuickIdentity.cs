using KvAspire.Identity.Passwords;
using KvAspire.Identity.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace KvAspire.Identity.Tests.Fixtures;

/// <summary>A second replica on the same database, with a movable clock, cheap hashes and a hasher that records.</summary>
internal sealed class QuickIdentity : IAsyncDisposable
{
    public const int Iterations = 2_000;

    private readonly IdentityService service;

    public QuickIdentity(string database, Action<IServiceCollection>? change = null) => service = IdentityService.Start(database, services =>
    {
        services.AddSingleton<TimeProvider>(Clock);
        services.Configure<HashingOptions>(passwords => passwords.Iterations = Iterations);
        services.AddSingleton<IPasswordHasher<User>, CountingHasher>();
        change?.Invoke(services);
    });

    public MovableClock Clock { get; } = new();

    public string Database => service.Database;

    public HttpClient Client => service.Client;

    public IServiceProvider Services => service.Services;

    public CountingHasher Hasher => (CountingHasher)service.Services.GetRequiredService<IPasswordHasher<User>>();

    /// <summary>A client with an access token.</summary>
    public HttpClient ClientWith(string accessToken) => service.ClientWith(accessToken);

    /// <summary>A client whose address the gateway reports.</summary>
    public HttpClient ClientFrom(string address)
    {
        var client = service.NewClient();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", address);
        return client;
    }

    public ValueTask DisposeAsync() => service.DisposeAsync();
}
