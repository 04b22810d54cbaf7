using KvAspire.Identity.Database;
using KvAspire.Identity.Tokens;
using KvAspire.ServiceDefaults.Tokens;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KvAspire.Identity.Revocations;

/// <summary>The revocations in <c>identitydb</c>, which all replicas serve to the other services.</summary>
internal sealed class RevocationStore(IdentityDb db, RevocationList list, IOptions<TokenOptions> tokens, TimeProvider clock)
{
    // Beyond a token's lifetime: what validators grant for clocks that differ.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    /// <summary>How long a token that is issued now may be valid anywhere.</summary>
    public TimeSpan Reach => tokens.Value.Lifetime + Margin;

    /// <summary>Until when what is revoked now must be remembered.</summary>
    public DateTimeOffset Until => clock.GetUtcNow() + Reach;

    /// <summary>Ends one access token.</summary>
    public Task RevokeTokenAsync(string tokenId, CancellationToken cancellationToken) =>
        AddAsync(RevocationKinds.Token, tokenId, before: null, cancellationToken);

    /// <summary>Ends the access tokens of one session or API key.</summary>
    public Task RevokeSessionAsync(string sessionId, CancellationToken cancellationToken) =>
        AddAsync(RevocationKinds.Session, sessionId, before: null, cancellationToken);

    /// <summary>
    /// Ends every access token of a user or client that was issued up to now, whatever session or API key it belongs to.
    /// Tokens know seconds only, so that one issued in the rest of this second has ended as well.
    /// </summary>
    public Task RevokeSubjectAsync(string subject, CancellationToken cancellationToken) =>
        AddAsync(RevocationKinds.Subject, subject, clock.GetUtcNow().AddSeconds(1), cancellationToken);

    /// <summary>
    /// What was revoked since a cursor, a page of it. Transactions become visible in another order than that in which their
    /// rows were numbered, so that "greater than the last number I saw" misses rows. Instead a reader starts at the oldest
    /// transaction that was under way when its last round began: it sees some rows twice and misses none. All in one
    /// statement, hence in one snapshot.
    /// </summary>
    /// <param name="after">Where the last page ended. One from the future is of another life of the database: all.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The page; where to go on; and whether there is more at once.</returns>
    public async Task<(RevocationCursor Next, bool More, IReadOnlyList<Revocation> Revocations)> ReadAsync(
        RevocationCursor after, int limit, CancellationToken cancellationToken)
    {
        var (xid, id) = after.Position;
        var rows = await db.Database.SqlQuery<Row>(
            $"""
            SELECT pg_snapshot_xmin(s.now)::text::bigint AS "Oldest", coalesce(r.xid, 0) AS "Xid", coalesce(r.id, 0) AS "Id",
                r.kind AS "Kind", r.value AS "Value",
                coalesce(ceil(extract(epoch FROM r.before)), 0)::bigint AS "Before",
                coalesce(ceil(extract(epoch FROM r.until)), 0)::bigint AS "Until"
            FROM (SELECT pg_current_snapshot() AS now) s
            LEFT JOIN LATERAL (
                SELECT * FROM revocations
                WHERE until > {clock.GetUtcNow()}
                    AND (xid, id) > (CASE WHEN {xid} > pg_snapshot_xmax(s.now)::text::bigint THEN 0 ELSE {xid} END, {id})
                ORDER BY xid, id LIMIT {limit + 1}) r ON true
            ORDER BY r.xid, r.id
            """).ToListAsync(cancellationToken);

        var page = rows.Where(row => row.Kind is not null).Take(limit).ToList();
        var more = rows.Count > limit;
        var start = after.Start ?? rows[0].Oldest;
        return (more ? RevocationCursor.Within(start, page[^1].Xid, page[^1].Id) : RevocationCursor.From(start), more,
            [.. page.Select(row => new Revocation(row.Kind!, row.Value!, row.Before, row.Until))]);
    }

    /// <summary>Deletes what nobody has to know any more.</summary>
    public Task SweepAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return db.Revocations.Where(revocation => revocation.Until < now).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>Makes revocations known in this process at once, unless they may yet be rolled back.</summary>
    public void Announce(string kind, params IEnumerable<string> values)
    {
        if (db.Database.CurrentTransaction is null)
            list.Add(values.Select(value => new Revocation(kind, value, Before: 0, Until.ToUnixTimeSeconds())));
    }

    private async Task AddAsync(string kind, string value, DateTimeOffset? before, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO revocations (kind, value, before, until) VALUES ({kind}, {value}, {before}, {Until})", cancellationToken);
        if (before is null)
            Announce(kind, value);
    }

    private sealed record Row(long Oldest, long Xid, long Id, string? Kind, string? Value, long Before, long Until);
}
