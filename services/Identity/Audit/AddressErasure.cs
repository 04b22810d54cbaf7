using System.Net;
using KvAspire.Identity.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KvAspire.Identity.Audit;

/// <summary>Takes client addresses away from old events, and forgets wrong passwords of long ago, once an hour.</summary>
internal sealed partial class AddressErasure(
    IServiceScopeFactory scopes, IOptions<AuditOptions> options, TimeProvider clock, ILogger<AddressErasure> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RunAsync(stoppingToken);
            }
#pragma warning disable CA1031 // the next hour is another chance
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LogFailed(logger, exception);
            }
        }
    }

    /// <summary>Does it once.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IdentityDb>();
        var old = clock.GetUtcNow() - options.Value.KeepAddressesFor;
        await db.AuditEvents
            .Where(audited => audited.At < old && audited.ClientAddress != null)
            .ExecuteUpdateAsync(audited => audited.SetProperty(a => a.ClientAddress, (IPAddress?)null), cancellationToken);
        await scope.ServiceProvider.GetRequiredService<SignIns.Lockout>().SweepAsync(cancellationToken);
    }

    [LoggerMessage(32, LogLevel.Warning, "Old client addresses could not be erased; the next hour is another chance.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
