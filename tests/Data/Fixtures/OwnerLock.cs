using KvAspire.Data.Writes;
using Npgsql;
using Xunit;

namespace KvAspire.Data.Tests.Fixtures;

/// <summary>Holds the lock that the writes of an owner wait for, until it is disposed.</summary>
internal sealed class OwnerLock : IAsyncDisposable
{
    private readonly NpgsqlConnection connection;
    private readonly int stripe;

    private OwnerLock(NpgsqlConnection connection, int stripe) => (this.connection, this.stripe) = (connection, stripe);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Takes the lock.</summary>
    public static async Task<OwnerLock> TakeAsync(World world, string owner)
    {
        var connection = new NpgsqlConnection($"{world.Database};Pooling=false");
        await connection.OpenAsync(Cancelled);
        var taken = new OwnerLock(connection, WriteBatch.StripeOf(owner));
        await using var command = new NpgsqlCommand($"SELECT pg_advisory_lock(27510, {taken.stripe})", connection);
        await command.ExecuteNonQueryAsync(Cancelled);
        return taken;
    }

    /// <summary>Waits until a number of writers wait for the lock.</summary>
    public async Task WaitersAsync(long count)
    {
        for (var attempt = 0; attempt < 500; attempt++)
        {
            await using var waiting = new NpgsqlCommand(
                $"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 27510 AND objid = {stripe} AND NOT granted", connection);
            if (await waiting.ExecuteScalarAsync(Cancelled) is long waiters && waiters >= count)
                return;
            await Task.Delay(20, Cancelled);
        }

        Assert.Fail($"There are no {count} waiting for the lock.");
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
