using System.Data.Common;

namespace KvAspire.Data.Owners;

/// <summary>Looks at erased owners again, for what a write that was under way has left.</summary>
internal sealed partial class ErasureAfterwards(OwnerErasure erasure, TimeProvider time, ILogger<ErasureAfterwards> logger) : BackgroundService
{
    // By then every replica knows that the owner's tokens are revoked, and what it had begun before has ended.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var owner in erasure.Erased.ReadAllAsync(stoppingToken))
        {
            await Task.Delay(Pause, time, stoppingToken);
            try
            {
                await erasure.RemoveAsync(owner, stoppingToken);
            }
            catch (DbException exception)
            {
                LogFailed(logger, exception);
            }
        }
    }

    [LoggerMessage(50, LogLevel.Warning, "An erased owner could not be looked at again.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
