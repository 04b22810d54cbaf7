using System.Diagnostics;
using System.Text.Json;
using KvAspire.ClientNetworks;
using KvAspire.Identity.Database;
using KvAspire.Identity.Requests;

namespace KvAspire.Identity.Audit;

/// <summary>
/// Records security events. An event holds opaque ids, and no personal data but the client address. The database refuses to
/// change or delete events (docs/explanations/accounts.md).
/// </summary>
internal sealed class AuditLog(IdentityDb db, ClientAddress client, IOptions<AuditOptions> options, TimeProvider clock)
{
    /// <summary>
    /// Adds an event to the caller's next save of this scope's <see cref="IdentityDb"/>, so that both are stored or neither.
    /// </summary>
    /// <param name="kind">One of <see cref="AuditKinds"/>.</param>
    /// <param name="outcome">One of <see cref="AuditOutcomes"/>.</param>
    /// <param name="actor">The opaque id of the user or client that did it; null for an anonymous caller.</param>
    /// <param name="subject">The opaque id of the user, client, session or key that it was done to.</param>
    /// <param name="details">Details without personal data, secrets or text that a client chose.</param>
    public void Add(string kind, string outcome, string? actor, string? subject, IReadOnlyDictionary<string, string>? details = null) =>
        db.AuditEvents.Add(new()
        {
            At = clock.GetUtcNow(),
            Count = 1,
            Kind = kind,
            Outcome = outcome,
            Actor = actor,
            Subject = subject,
            ClientAddress = client.Value,
            TraceId = Activity.Current?.TraceId.ToHexString(),
            Details = details is null ? null : JsonSerializer.Serialize(details),
        });

    /// <summary>
    /// Records an event at once, together with all other changes that this scope's <see cref="IdentityDb"/> tracks, in its
    /// transaction if there is one.
    /// </summary>
    /// <inheritdoc cref="Add"/>
    public Task RecordAsync(
        string kind, string outcome, string? actor, string? subject, IReadOnlyDictionary<string, string>? details,
        CancellationToken cancellationToken)
    {
        Add(kind, outcome, actor, subject, details);
        return db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>
    /// Records an event that an anonymous caller can repeat at will, such as a wrong password. One row counts all repetitions
    /// from one network (<see cref="ClientNetwork"/>) within <see cref="AuditOptions.RepetitionWindow"/>. The row is written at
    /// once, in the caller's transaction if there is one. Callers count last in a transaction: repetitions wait for its commit.
    /// </summary>
    /// <param name="kind">One of <see cref="AuditKinds"/>.</param>
    /// <param name="outcome">One of <see cref="AuditOutcomes"/>.</param>
    /// <param name="subject">The opaque id of the user or client; null where there is none of that name.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    public Task CountAsync(string kind, string outcome, string? subject, CancellationToken cancellationToken)
    {
        var address = client.Value is { } value ? ClientNetwork.Of(value) : null;
        return db.Database.ExecuteSqlAsync(
            $"""
            SELECT audit_count({clock.GetUtcNow()}, {options.Value.RepetitionWindow}, {kind}, {outcome}, {subject}, {address},
                {Activity.Current?.TraceId.ToHexString()})
            """, cancellationToken);
    }

    /// <inheritdoc cref="RecordAsync(string, string, string?, string?, IReadOnlyDictionary{string, string}?, CancellationToken)"/>
    public Task RecordAsync(string kind, string outcome, string? actor, string? subject, CancellationToken cancellationToken) =>
        RecordAsync(kind, outcome, actor, subject, details: null, cancellationToken);
}
