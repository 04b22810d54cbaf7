using KvAspire.ServiceDefaults.Telemetry;

namespace KvAspire.Identity.Clients;

/// <summary>Reserves the ids of the configured clients before the server listens.</summary>
internal sealed class ConfiguredClientIds(IServiceScopeFactory scopes) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using var untraced = BackgroundRound.Begin("kvaspire.start");
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ClientStore>().ReserveConfiguredIdsAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
