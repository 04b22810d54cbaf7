namespace KvAspire.Identity.Clients;

/// <summary>Reserves the ids of the configured clients before the server listens.</summary>
internal sealed class ConfiguredClientIds(IServiceScopeFactory scopes) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ClientStore>().ReserveConfiguredIdsAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
