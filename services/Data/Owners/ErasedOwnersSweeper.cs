using System.Data.Common;
using KvAspire.ServiceDefaults.Telemetry;

namespace KvAspire.Data.Owners;

/// <summary>Removes old marks of erased owners once an hour, on all replicas.</summary>
internal sealed partial class ErasedOwnersSweeper(OwnerErasure erasure, TimeProvider time, ILogger<ErasedOwnersSweeper> logger) : BackgroundService
{
    // Longer than any access token lives (a day), and than any write takes.
    private static readonly TimeSpan Age = TimeSpan.FromDays(2);

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            using var round = BackgroundRound.Begin("kvaspire.owners.forget", time);
            try
            {
                round.Did("kvaspire.owners.forgotten", await erasure.ForgetAsync(Age, stoppingToken));
            }
            catch (DbException exception)
            {
                LogPostponed(logger, exception);
            }
        }
    }

    [LoggerMessage(EventIds.OwnerSweepPostponed, LogLevel.Warning, "Old marks of erased owners could not be removed; the next round, in an hour, tries again.", EventName = nameof(EventIds.OwnerSweepPostponed))]
    private static partial void LogPostponed(ILogger logger, Exception exception);
}
