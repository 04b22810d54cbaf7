using System.Data.Common;
using Npgsql;
using OpenTelemetry;

namespace KvAspire.Data.Entries;

/// <summary>
/// Whether this replica may serve from the cache. It may under a lease (Gray and Cheriton, 1989) that it renews from Postgres
/// as long as no replica says there that it has committed changes which it could not tell the cache of. A replica
/// that has some says so and lets the leases of the others run out, before it answers its client.
/// </summary>
internal sealed partial class CacheTrust(NpgsqlDataSource database, LostInvalidations lost, TimeProvider time, ILogger<CacheTrust> logger) : BackgroundService
{
    // After this a replica that said so and was not heard of again is gone, and so is what it left in the cache.
    private static readonly TimeSpan LongestFault = LostInvalidations.Relevance + TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Lease = TimeSpan.FromMilliseconds(1200);
    private static readonly TimeSpan Renewal = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan Repetition = TimeSpan.FromSeconds(3);

    // A replica that Redis did not answer may be among the first to notice: others' changes may be on their way yet.
    private static readonly TimeSpan Quarantine = TimeSpan.FromMilliseconds(400);

    private const string SelectOthers = "SELECT EXISTS (SELECT FROM cache_faults WHERE replica <> $1 AND at > now() - $2)";

    private const string Declare =
        "INSERT INTO cache_faults (replica, at) VALUES ($1, now()) ON CONFLICT (replica) DO UPDATE SET at = excluded.at";

    private const string Withdraw = "DELETE FROM cache_faults WHERE replica = $1 OR at < now() - interval '1 hour'";

    private readonly Guid replica = Guid.NewGuid();
    private readonly SemaphoreSlim gate = new(1);
    private long heldUntil = long.MinValue;
    private long suspendedUntil = long.MinValue;
    private bool isBlind;
    private bool isDeclared;
    private long declaredAt;
    private long repeatedAt;

    /// <summary>Whether the cache may be served from.</summary>
    public bool Holds
    {
        get
        {
            var now = time.GetTimestamp();
            return now < Volatile.Read(ref heldUntil) && now >= Volatile.Read(ref suspendedUntil) && !lost.Any;
        }
    }

    /// <summary>Does without the cache for a while: Redis did not answer.</summary>
    public void Suspend() => Volatile.Write(ref suspendedUntil, After(Quarantine));

    /// <summary>Tells the other replicas that the cache was not told of everything, and waits until none can serve from it.</summary>
    public async Task DeclareLossAsync()
    {
        await gate.WaitAsync();
        try
        {
            if (!isDeclared)
            {
                await ExecuteAsync(Declare, CancellationToken.None);
                (isDeclared, declaredAt, repeatedAt) = (true, time.GetTimestamp(), time.GetTimestamp());
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

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.Run(Renew, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// On a thread of its own: while requests wait for threads, so would the renewal, and the cache be lost when it is
    /// needed most.
    /// </remarks>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Factory.StartNew(
        () => Run(stoppingToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Run(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        while (!stoppingToken.WaitHandle.WaitOne(Renewal))
        {
            Renew();
            if (isDeclared)
                _ = RepeatAsync(stoppingToken);
        }
    }

    // While Postgres is away nobody can commit anything that the cache would have to be told of: what was true stays true.
    private void Renew()
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        var began = time.GetTimestamp();
        try
        {
            using var command = database.CreateCommand(SelectOthers);
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = replica });
            command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = LongestFault });
            isBlind = command.ExecuteScalar() is true;
            if (!isBlind)
                Volatile.Write(ref heldUntil, began + (long)(Lease.TotalSeconds * time.TimestampFrequency));
        }
        catch (Exception exception) when (exception is DbException or TimeoutException or InvalidOperationException or ObjectDisposedException)
        {
            if (!isBlind)
                Volatile.Write(ref heldUntil, After(Lease));
        }
    }

    private async Task RepeatAsync(CancellationToken cancellationToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
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
        await using var command = database.CreateCommand(statement);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = replica });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private long After(TimeSpan span) => time.GetTimestamp() + (long)(span.TotalSeconds * time.TimestampFrequency);

    [LoggerMessage(23, LogLevel.Debug, "The state of the cache could not be told to other replicas ({SqlState}).")]
    private static partial void LogNotRepeated(ILogger logger, string? sqlState);
}
