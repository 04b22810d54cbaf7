using System.Diagnostics;
using KvAspire.Identity.Audit;
using KvAspire.Identity.Database;
using KvAspire.ServiceDefaults.Telemetry;

namespace KvAspire.Identity.Erasure;

/// <summary>
/// Finishes the erasure of accounts and clients. Every step can be repeated. A replica locks the row of the step that it takes: when the
/// process dies the lock ends with its connection, and another replica repeats the step.
/// </summary>
internal sealed partial class ErasureWorker(
    IServiceScopeFactory scopes, ErasureSignal signal, IOptions<ErasureOptions> options, TimeProvider clock, ILogger<ErasureWorker> logger)
    : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    // While no replica of this service ran, no service learned of revocations: the time to settle begins again.
    private readonly DateTimeOffset started = clock.GetUtcNow();

    private readonly RepeatedFailure failure = new(clock);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            using var untraced = BackgroundRound.Begin("kvaspire.erasure.look", clock);
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var isBusy = await StepAsync(scope.ServiceProvider, stoppingToken);
                failure.Succeeded();
                if (!isBusy)
                    await signal.WaitAsync(LookEvery, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // a promised erasure is tried again after any failure
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (failure.Failed())
                    LogFailed(logger, exception);
                await signal.WaitAsync(LookEvery, stoppingToken);
            }
        }
    }

    private Task<bool> StepAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var db = services.GetRequiredService<IdentityDb>();
        return db.InTransactionAsync(async token =>
        {
            var now = clock.GetUtcNow();
            var due = await db.Erasures
                .FromSql($"SELECT * FROM erasures WHERE due_at <= {now} ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED")
                .ToListAsync(token);
            if (due is not [var erasure])
                return false;

            await AdvanceAsync(services, db, erasure, token);
            return true;
        }, cancellationToken);
    }

    // 1. The data service erases. 2. Once the revocations have spread it erases what was written meanwhile. 3. Identity erases
    // the user. Of a client, identity has only the tombstone left.
    private async Task AdvanceAsync(IServiceProvider services, IdentityDb db, PendingErasure erasure, CancellationToken cancellationToken)
    {
        using var step = BackgroundRound.Found("kvaspire.erasure.step", erasure.Cause);
        var settled = (erasure.RequestedAt > started ? erasure.RequestedAt : started) + options.Value.Settle;
        var isLast = clock.GetUtcNow() >= settled;
        step?.SetTag("kvaspire.erasure.last", isLast);
        try
        {
            await services.GetRequiredService<DataOwners>().EraseAsync(erasure.UserId, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            step?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", exception.GetType().FullName);
            erasure.DueAt = clock.GetUtcNow() + Pause(erasure.Failures++);
            LogUnavailable(logger, exception.Message);
            return;
        }

        if (!isLast)
            erasure.DueAt = settled;
        else if (await db.Clients.AnyAsync(client => client.Id == erasure.UserId, cancellationToken))
            Finish(services, db, erasure, AuditKinds.ClientErased);
        else
            await ForgetAsync(services, db, erasure, cancellationToken);
    }

    // The foreign keys delete sessions, refresh tokens and API keys with the user.
    private static async Task ForgetAsync(IServiceProvider services, IdentityDb db, PendingErasure erasure, CancellationToken cancellationToken)
    {
        var id = erasure.UserId;
        await db.Users.Where(user => user.Id == id).ExecuteDeleteAsync(cancellationToken);
        await db.FailedSignIns.Where(failed => failed.Account == id).ExecuteDeleteAsync(cancellationToken);

        // Revocations from before the deletion. The revocations of sessions and API keys end the same tokens.
        await db.Revocations
            .Where(revocation => revocation.Kind == RevocationKinds.Subject && revocation.Value == id).ExecuteDeleteAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"SELECT audit_erase_addresses_of({id})", cancellationToken);
        Finish(services, db, erasure, AuditKinds.UserErased);
    }

    private static void Finish(IServiceProvider services, IdentityDb db, PendingErasure erasure, string kind)
    {
        db.Erasures.Remove(erasure);
        services.GetRequiredService<AuditLog>().Add(kind, AuditOutcomes.Success, actor: null, erasure.UserId);
    }

    private static TimeSpan Pause(int failures)
    {
        var doubled = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(failures, 10)));
        return doubled < LongestPause ? doubled : LongestPause;
    }

    [LoggerMessage(EventIds.ErasureNotAnswered, LogLevel.Warning, "The data service could not erase a user or a client. The next attempt follows. {Reason}", EventName = nameof(EventIds.ErasureNotAnswered))]
    private static partial void LogUnavailable(ILogger logger, string reason);

    [LoggerMessage(EventIds.ErasureStepFailed, LogLevel.Error, "A step of erasing a user or a client failed. The next attempt follows.", EventName = nameof(EventIds.ErasureStepFailed))]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
