using System.Net.Http.Json;
using System.Text.Json.Nodes;
using KvAspire.Identity.Tests.Fixtures;
using Npgsql;

namespace KvAspire.Identity.Tests;

public sealed class RevocationFeedTests(IdentityFixture identity)
{
    private const int PageSize = 2_000;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_are_bounded_and_their_reader_misses_no_late_commit()
    {
        await using var alone = new QuickIdentity(await identity.CreateMigratedDatabaseAsync(Cancelled));
        await using var source = NpgsqlDataSource.Create(alone.Database);

        // 1. A transaction is in progress while another one revokes far more than a page.
        await using var late = await source.OpenConnectionAsync(Cancelled);
        await using var transaction = await late.BeginTransactionAsync(Cancelled);
        await RevokeAsync(late, "late", 1);
        await using (var other = await source.OpenConnectionAsync(Cancelled))
            await RevokeAsync(other, "many", 5_001);

        // 2. The late transaction commits after the first page was read, which is beyond its row.
        var (seen, cursor, pages) = (new List<string>(), "0", 0);
        for (var more = true; more; pages++)
        {
            (var values, cursor, more) = await ReadAsync(alone.Client, cursor);
            Assert.InRange(values.Count, 1, PageSize);
            seen.AddRange(values);
            if (pages == 0)
                await transaction.CommitAsync(Cancelled);
        }

        Assert.Equal(3, pages);
        Assert.Equal(5_001, seen.Distinct().Count(value => value.StartsWith("many", StringComparison.Ordinal)));

        // 3. The next round includes its row. Once no transaction is in progress, of other tests either, a round is empty.
        var last = -1;
        for (var reads = 0; last != 0 && reads < 500; reads++)
        {
            (var values, cursor, var more) = await ReadAsync(alone.Client, cursor);
            seen.AddRange(values);
            last = more ? -1 : values.Count;
            if (last > 0)
                await Task.Delay(20, Cancelled);
        }

        Assert.Contains("late1", seen);
        Assert.Equal(0, last);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1.2")]
    [InlineData("1.2.x")]
    [InlineData("99999999999999999999")]
    [InlineData("9223372036854775807")]
    [InlineData("9223372036854775807.9223372036854775807.9223372036854775807")]
    [InlineData("%00")]
    public async Task An_invalid_or_future_cursor_starts_from_the_beginning(string after)
    {
        await using var source = NpgsqlDataSource.Create(identity.Service.Database);
        await using var connection = await source.OpenConnectionAsync(Cancelled);
        var name = Guid.NewGuid().ToString("N");
        await RevokeAsync(connection, name, 1);

        var seen = new List<string>();
        for (var more = true; more;)
        {
            (var values, after, more) = await ReadAsync(identity.Client, after);
            seen.AddRange(values);
        }

        Assert.Contains($"{name}1", seen);
    }

    private static async Task RevokeAsync(NpgsqlConnection connection, string name, int count)
    {
        await using var command = new NpgsqlCommand(
            "INSERT INTO revocations (kind, value, until) SELECT 'jti', $1 || n, now() + interval '1 hour' FROM generate_series(1, $2) n", connection)
        {
            Parameters = { new() { Value = name }, new() { Value = count } },
        };
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    private static async Task<(List<string> Values, string Cursor, bool More)> ReadAsync(HttpClient client, string after)
    {
        var page = (await client.GetFromJsonAsync<JsonNode>($"/internal/revocations?after={after}", Cancelled))!;
        return (
            [.. page["revocations"]!.AsArray().Select(revocation => revocation!["value"]!.GetValue<string>())],
            page["cursor"]!.GetValue<string>(), page["more"]!.GetValue<bool>());
    }
}
