using System.Data.Common;

namespace KvAspire.Data.Owners;

/// <summary>Forgets, once an hour, which owners were erased long ago. Any number of replicas may.</summary>
internal sealed partial class ErasedOwnersSweeper(OwnerErasure erasure, TimeProvider time, ILogger<ErasedOwnersSweeper> logger) : BackgroundService
{
    // Longer than any access token may live (a day), and than any write may take.
    private static readonly TimeSpan Age = TimeSpan.FromDays(2);

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await erasure.ForgetAsync(Age, stoppingToken);
            }
            catch (DbException exception)
            {
                LogPostponed(logger, exception);
            }
        }
    }

    [LoggerMessage(52, LogLevel.Warning, "Owners that were erased long ago could not be forgotten; the next hour is another chance.")]
    private static partial void LogPostponed(ILogger logger, Exception exception);
}
