using System.Data.Common;
using KvAspire.Identity.Sessions;
using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.EntityFrameworkCore.Storage;

namespace KvAspire.Identity.Revocations;

/// <summary>Reads the revocations of other replicas every second, and deletes expired rows every minute.</summary>
internal sealed partial class RevocationWatch(
    IServiceScopeFactory scopes, RevocationList list, TimeProvider clock, ILogger<RevocationWatch> logger) : BackgroundService
{
    private const int TicksPerSweep = 60, PageSize = 2_000;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private readonly RepeatedFailure failure = new(clock);
    private RevocationCursor cursor = RevocationCursor.From(0);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(Tick, clock);
        var tick = 0;
        do
        {
            using var round = BackgroundRound.Begin("kvaspire.revocations.sweep", clock);
            try
            {
                await WatchAsync(sweep: tick++ % TicksPerSweep == TicksPerSweep - 1, round, stoppingToken);
            }
            catch (Exception exception) when (exception is DbException or RetryLimitExceededException or TimeoutException)
            {
                if (failure.Failed())
                    Log.NotRead(logger, exception.GetBaseException().Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task WatchAsync(bool sweep, BackgroundRound round, CancellationToken stoppingToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var store = scope.ServiceProvider.GetRequiredService<RevocationStore>();
        bool more;
        do
        {
            (cursor, more, var revocations) = await store.ReadAsync(cursor, PageSize, stoppingToken);
            list.Add(revocations);
        }
        while (more);
        list.Prune();
        list.MarkFetched();
        failure.Succeeded();

        if (sweep)
        {
            round.Did("kvaspire.revocations.removed", await store.SweepAsync(stoppingToken));
            round.Did("kvaspire.sessions.removed", await scope.ServiceProvider.GetRequiredService<SessionStore>().SweepAsync(stoppingToken));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.RevocationsNotRead, LogLevel.Warning, "The revocations could not be read: {Reason}", EventName = nameof(EventIds.RevocationsNotRead))]
        public static partial void NotRead(ILogger logger, string reason);
    }
}
