namespace KvAspire.Identity.SigningKeys;

/// <summary>Loads the keys before the server listens.</summary>
internal sealed partial class SigningKeyLoader(IServiceScopeFactory scopes, SigningKeyRing ring, ILogger<SigningKeyLoader> logger)
    : IHostedService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        ring.Replace(await scope.ServiceProvider.GetRequiredService<SigningKeyStore>().LoadAsync(cancellationToken));
        Log.Loaded(logger, ring.Credentials.Key.KeyId);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(1001, LogLevel.Information, "Tokens are signed with the key {KeyId}")]
        public static partial void Loaded(ILogger logger, string keyId);
    }
}
