using System.Data.Common;
using KvAspire.Data.Database;
using KvAspire.ServiceDefaults.Telemetry;
using Npgsql;

namespace KvAspire.Data.Cache;

/// <summary>
/// Decides whether this replica may serve from the cache. It may while it holds a lease (Gray and Cheriton, 1989). It renews
/// the lease from Postgres as long as no other replica declares there a loss: changes that it could not veil, or of which it
/// could not tell the cache. A replica that declares a loss waits until the leases of the others have expired, and only then
/// commits, or answers its client.
/// </summary>
internal sealed partial class CacheTrust(
    NpgsqlDataSource database, LostInvalidations lost, CacheMetrics metrics, TimeProvider time, ILogger<CacheTrust> logger) : BackgroundService
{
    // A replica that declared a loss and was silent for this long is gone, and so are the stale images that it left.
    private static readonly TimeSpan LongestFault = LostInvalidations.Relevance + TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Lease = TimeSpan.FromMilliseconds(1200);
    private static readonly TimeSpan Renewal = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan Repetition = TimeSpan.FromSeconds(3);

    // A replica that Redis does not answer may be the first to notice: declarations of others may still be on their way.
    private static readonly TimeSpan Quarantine = TimeSpan.FromMilliseconds(400);

    private const string SelectOthers = "SELECT EXISTS (SELECT FROM cache_faults WHERE replica <> $1 AND at > now() - $2)";

    private const string Declare =
        "INSERT INTO cache_faults (replica, at) VALUES ($1, now()) ON CONFLICT (replica) DO UPDATE SET at = excluded.at";

    private const string Withdraw = "DELETE FROM cache_faults WHERE replica = $1 OR at < now() - interval '1 hour'";

    private const string Round = "kvaspire.cache.trust";

    private readonly Guid replica = Guid.NewGuid();
    private readonly SemaphoreSlim gate = new(1);
    private long heldUntil = long.MinValue;
    private long suspendedUntil = long.MinValue;
    private bool isBlind;
    private bool isDeclared;
    private long declaredAt;
    private long repeatedAt;

    public bool Holds
    {
        get
        {
            var now = time.GetTimestamp();
            return now < Volatile.Read(ref heldUntil) && now >= Volatile.Read(ref suspendedUntil) && !lost.Any;
        }
    }

    /// <summary>
    /// How long another replica may at most serve an older value: until the leases end where the loss is declared to them, else
    /// until the last image that could be stale has expired.
    /// </summary>
    public TimeSpan StalenessBound
    {
        get
        {
            if (!lost.Any)
                return TimeSpan.Zero;

            var rest = Volatile.Read(ref isDeclared) ? Lease - time.GetElapsedTime(Volatile.Read(ref declaredAt)) : lost.Rest;
            return rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
        }
    }

    /// <summary>Stops using the cache for a while, because Redis did not answer.</summary>
    public void Suspend()
    {
        if (time.GetTimestamp() >= Interlocked.Exchange(ref suspendedUntil, After(Quarantine)))
            metrics.LoseTrust(TrustLoss.Redis);
    }

    /// <summary>
    /// Declares to the other replicas that the cache was not told of all changes, and waits until none of them serves from it.
    /// </summary>
    public async Task DeclareLossAsync()
    {
        await gate.WaitAsync();
        try
        {
            if (!isDeclared)
            {
                await ExecuteAsync(Declare, CancellationToken.None);
                (isDeclared, declaredAt, repeatedAt) = (true, time.GetTimestamp(), time.GetTimestamp());
                metrics.LoseTrust(TrustLoss.OwnLoss);
            }
        }
        finally
        {
            gate.Release();
        }

        var rest = Lease - time.GetElapsedTime(declaredAt);
        if (rest > TimeSpan.Zero)
            await Task.Delay(rest, time);
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        using (BackgroundRound.Begin(Round))
            await Task.Run(Renew, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <remarks>
    /// The renewal has its own thread. On the thread pool it would wait behind requests, and the lease would expire under load.
    /// </remarks>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Factory.StartNew(
        () => Run(stoppingToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Run(CancellationToken stoppingToken)
    {
        using var untraced = BackgroundRound.Begin(Round);
        while (!stoppingToken.WaitHandle.WaitOne(Renewal))
        {
            Renew();
            if (isDeclared)
                _ = RepeatAsync(stoppingToken);
        }
    }

    // While Postgres is away no replica can commit a change that it would have to tell the cache. So an unblocked lease is
    // extended.
    private void Renew()
    {
        var began = time.GetTimestamp();
        if (!isBlind && heldUntil != long.MinValue && began >= heldUntil)
            metrics.LoseTrust(TrustLoss.Lease);

        try
        {
            using var command = database.CreateCommand(SelectOthers).With(replica).With(LongestFault);
            var wasBlind = isBlind;
            isBlind = command.ExecuteScalar() is true;
            if (!isBlind)
                Volatile.Write(ref heldUntil, began + (long)(Lease.TotalSeconds * time.TimestampFrequency));
            else if (!wasBlind)
                metrics.LoseTrust(TrustLoss.OtherReplica);
        }
        catch (Exception exception) when (exception is DbException or TimeoutException or InvalidOperationException or ObjectDisposedException)
        {
            if (!isBlind)
                Volatile.Write(ref heldUntil, After(Lease));
        }
    }

    private async Task RepeatAsync(CancellationToken cancellationToken)
    {
        if (!await gate.WaitAsync(TimeSpan.Zero, CancellationToken.None))
            return;

        try
        {
            if (!lost.Any)
            {
                await ExecuteAsync(Withdraw, cancellationToken);
                isDeclared = false;
            }
            else if (time.GetElapsedTime(repeatedAt) > Repetition)
            {
                await ExecuteAsync(Declare, cancellationToken);
                repeatedAt = time.GetTimestamp();
            }
        }
        catch (Exception exception) when (exception is DbException or OperationCanceledException or ObjectDisposedException)
        {
            LogNotRepeated(logger, (exception as DbException)?.SqlState);
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task ExecuteAsync(string statement, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(statement).With(replica);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private long After(TimeSpan span) => time.GetTimestamp() + (long)(span.TotalSeconds * time.TimestampFrequency);

    [LoggerMessage(EventIds.CacheStateNotShared, LogLevel.Debug, "The state of the cache could not be declared to other replicas ({SqlState}).", EventName = nameof(EventIds.CacheStateNotShared))]
    private static partial void LogNotRepeated(ILogger logger, string? sqlState);
}
