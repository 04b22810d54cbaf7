using System.Data.Common;
using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.EntityFrameworkCore.Storage;

namespace KvAspire.Identity.SigningKeys;

/// <summary>
/// Loads the keys before the server listens. Reloads the keys that another replica changed, every second, and rotates them on
/// schedule, every minute.
/// </summary>
internal sealed partial class SigningKeyLoader(
    IServiceScopeFactory scopes, SigningKeyRing ring, TimeProvider clock, ILogger<SigningKeyLoader> logger) : BackgroundService
{
    private const string Round = "kvaspire.signing_keys.change";
    private const int TicksPerScheduleCheck = 60;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private readonly RepeatedFailure failure = new(clock);
    private string? signer;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        using (BackgroundRound.Begin(Round, clock))
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<SigningKeyStore>().LoadAsync(cancellationToken);
        }

        LogSigner();
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, clock);
        for (var tick = 1; await timer.WaitForNextTickAsync(stoppingToken); tick++)
        {
            using var round = BackgroundRound.Begin(Round, clock);
            try
            {
                await WatchAsync(keepSchedule: tick % TicksPerScheduleCheck == 1, round, stoppingToken);
            }
            catch (Exception exception) when (exception is DbException or RetryLimitExceededException or TimeoutException or SigningKeyException)
            {
                if (failure.Failed())
                    Log.NotLoaded(logger, exception.GetBaseException().Message);
            }
        }
    }

    private async Task WatchAsync(bool keepSchedule, BackgroundRound round, CancellationToken stoppingToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var store = scope.ServiceProvider.GetRequiredService<SigningKeyStore>();
        if (keepSchedule && await store.KeepScheduleAsync(stoppingToken))
            round.Did("kvaspire.signing_keys.schedules_kept", 1);
        if (!await store.IsUpToDateAsync(stoppingToken) && await store.LoadAsync(stoppingToken))
            round.Did("kvaspire.signing_keys.loads", 1);

        failure.Succeeded();
        LogSigner();
    }

    private void LogSigner()
    {
        if (ring.Credentials.Key.KeyId is var current && current != signer)
            Log.Loaded(logger, signer = current);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.SigningKeysLoaded, LogLevel.Information, "Tokens are signed with the key {KeyId}", EventName = nameof(EventIds.SigningKeysLoaded))]
        public static partial void Loaded(ILogger logger, string? keyId);

        [LoggerMessage(EventIds.SigningKeysNotLoaded, LogLevel.Warning, "The signing keys could not be looked up: {Reason}", EventName = nameof(EventIds.SigningKeysNotLoaded))]
        public static partial void NotLoaded(ILogger logger, string reason);
    }
}
