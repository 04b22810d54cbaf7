using System.Runtime.CompilerServices;
using KvAspire.Identity.Database;
using KvAspire.Identity.Tokens;

namespace KvAspire.Identity.Revocations;

/// <summary>The revocations in <c>identitydb</c>, which every replica serves to the other services.</summary>
internal sealed class RevocationStore(IdentityDb db, RevocationList list, IOptions<TokenOptions> tokens, TimeProvider clock)
{
    // Beyond a token's lifetime: what validators grant for clocks that differ.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    /// <summary>The longest time for which a token that is issued now may be valid anywhere.</summary>
    public TimeSpan Reach => tokens.Value.Lifetime + Margin;

    /// <summary>The time until which a revocation of now must be kept.</summary>
    public DateTimeOffset Until => clock.GetUtcNow() + Reach;

    public Task RevokeTokenAsync(string tokenId, CancellationToken cancellationToken) =>
        AddAsync(RevocationKinds.Token, tokenId, before: null, cancellationToken);

    public Task RevokeSessionAsync(string sessionId, CancellationToken cancellationToken) =>
        AddAsync(RevocationKinds.Session, sessionId, before: null, cancellationToken);

    /// <summary>
    /// Ends every access token of a user or client that was issued up to now, of any session or API key. Tokens count in seconds,
    /// so that a token of the rest of this second ends as well.
    /// </summary>
    public Task RevokeSubjectAsync(string subject, CancellationToken cancellationToken) =>
        AddAsync(RevocationKinds.Subject, subject, clock.GetUtcNow().AddSeconds(1), cancellationToken);

    /// <summary>
    /// Reads a page of the revocations since a cursor. Transactions become visible in another order than their rows are numbered
    /// in, so that "greater than the last number" would miss rows. Instead a round starts at the oldest transaction that was in
    /// progress when the last round began: it repeats some rows and misses none. One statement reads one snapshot.
    /// </summary>
    /// <remarks>A cursor from the future comes from before a restored backup, and starts from the beginning.</remarks>
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

    /// <summary>Deletes expired revocations.</summary>
    /// <returns>Their number.</returns>
    public Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return db.Revocations.Where(revocation => revocation.Until < now).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>Revokes in this process at once, unless a transaction may still be rolled back.</summary>
    public void Announce(string kind, params IEnumerable<string> values)
    {
        if (db.Database.CurrentTransaction is null)
            list.Add(values.Select(value => new Revocation(kind, value, Before: 0, Until.ToUnixTimeSeconds())));
    }

    /// <summary>
    /// Deletes sessions or API keys, and revokes their access tokens in the same statement.
    /// </summary>
    /// <param name="delete">The <c>DELETE</c> statement, on a table whose <c>id</c> is the <c>sid</c> of the tokens.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    /// <returns>The deleted ids. The caller of a transaction announces them after the commit.</returns>
    public async Task<List<string>> DeleteAsync(FormattableString delete, CancellationToken cancellationToken)
    {
        var count = delete.ArgumentCount;
        var ended = await db.Database.SqlQuery<string>(FormattableStringFactory.Create(
            $$"""
            WITH ended AS ({{delete.Format}} RETURNING id)
            INSERT INTO revocations (kind, value, until) SELECT {{{count}}}, id, {{{count + 1}}} FROM ended RETURNING value AS "Value"
            """, [.. delete.GetArguments(), RevocationKinds.Session, Until])).ToListAsync(cancellationToken);
        Announce(RevocationKinds.Session, ended);
        return ended;
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
