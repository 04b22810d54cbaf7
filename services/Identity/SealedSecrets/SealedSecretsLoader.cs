using KvAspire.Identity.ApiKeys;
using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.DataProtection;

namespace KvAspire.Identity.SealedSecrets;

/// <summary>
/// Loads the secrets that all replicas share before the server listens, and creates those that are missing. Of replicas that
/// start at the same time one creates them.
/// </summary>
internal sealed class SealedSecretsLoader(IServiceScopeFactory scopes, ApiKeyFormat apiKeys, IDataProtectionProvider protection) : IHostedService
{
    private const string ApiKeyTag = "api-key-tag";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using var untraced = BackgroundRound.Begin("kvaspire.start");
        await using var scope = scopes.CreateAsyncScope();
        var store = scope.ServiceProvider.GetRequiredService<SealedSecretStore>();
        await store.AloneAsync(async token =>
        {
            apiKeys.Use(await store.GetOrAddAsync(
                ApiKeyTag, async () => ApiKeyFormat.FirstTagKey(await store.FormerEncryptionKeyAsync(token)), token));
            protection.CreateProtector("start").Protect([]); // loads or creates the first key
        }, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
