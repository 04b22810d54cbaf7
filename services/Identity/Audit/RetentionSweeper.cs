using KvAspire.Identity.Database;
using KvAspire.ServiceDefaults.Telemetry;

namespace KvAspire.Identity.Audit;

/// <summary>
/// Adds and drops partitions of the audit log, erases the client addresses of old events, and forgets old failed sign-ins: at the
/// start, and once an hour.
/// </summary>
internal sealed partial class RetentionSweeper(
    IServiceScopeFactory scopes, IOptions<AuditOptions> options, TimeProvider clock, ILogger<RetentionSweeper> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        do
        {
            using var round = BackgroundRound.Begin("kvaspire.audit.tidy", clock);
            try
            {
                await RunAsync(stoppingToken, round);
            }
#pragma warning disable CA1031 // the next hour tries again
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LogFailed(logger, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    public async Task RunAsync(CancellationToken cancellationToken, BackgroundRound? round = null)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IdentityDb>();
        var now = clock.GetUtcNow();
        await db.Database.ExecuteSqlAsync($"SELECT audit_add_partitions({now})", cancellationToken);
        var dropped = await db.Database
            .SqlQuery<int>($"SELECT audit_drop_before({now - options.Value.Retention}) AS \"Value\"").SingleAsync(cancellationToken);

        var old = now - options.Value.KeepAddressesFor;
        await db.Database.ExecuteSqlAsync($"SELECT audit_erase_addresses_before({old})", cancellationToken);
        var forgotten = await scope.ServiceProvider.GetRequiredService<SignIns.Lockout>().SweepAsync(cancellationToken);
        round?.Did("kvaspire.audit.partitions_dropped", dropped);
        round?.Did("kvaspire.sign_in_failures.forgotten", forgotten);
    }

    [LoggerMessage(EventIds.AddressErasurePostponed, LogLevel.Warning, "The audit log could not be tidied: partitions, old client addresses. The next attempt is in an hour.", EventName = nameof(EventIds.AddressErasurePostponed))]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
