using System.Diagnostics;
using System.Text.Json;
using KvAspire.Identity.Database;
using KvAspire.Identity.Requests;

namespace KvAspire.Identity.Audit;

/// <summary>
/// The record of every security event. It holds opaque ids and no personal data but the client address, and the database
/// refuses to change or delete what it holds (docs/accounts.md).
/// </summary>
internal sealed class AuditLog(IdentityDb db, ClientAddress client, TimeProvider clock)
{
    /// <summary>
    /// Adds an event to what the caller saves next with this scope's <see cref="IdentityDb"/>, so that it is recorded if
    /// and only if that is.
    /// </summary>
    /// <param name="kind">One of <see cref="AuditKinds"/>.</param>
    /// <param name="outcome">One of <see cref="AuditOutcomes"/>.</param>
    /// <param name="actor">The opaque id of the user or client that did it; null for a stranger.</param>
    /// <param name="subject">The opaque id of the user, client, session or key that it was done to.</param>
    /// <param name="details">A few words more, without personal data, secrets or anything that a client chose freely.</param>
    public void Add(string kind, string outcome, string? actor, string? subject, IReadOnlyDictionary<string, string>? details = null) =>
        db.AuditEvents.Add(new()
        {
            At = clock.GetUtcNow(),
            Kind = kind,
            Outcome = outcome,
            Actor = actor,
            Subject = subject,
            ClientAddress = client.Value,
            TraceId = Activity.Current?.TraceId.ToHexString(),
            Details = details is null ? null : JsonSerializer.Serialize(details),
        });

    /// <summary>
    /// Records an event at once, with whatever else this scope's <see cref="IdentityDb"/> has tracked, and inside its
    /// transaction where it has one.
    /// </summary>
    /// <inheritdoc cref="Add"/>
    public Task RecordAsync(
        string kind, string outcome, string? actor, string? subject, IReadOnlyDictionary<string, string>? details,
        CancellationToken cancellationToken)
    {
        Add(kind, outcome, actor, subject, details);
        return db.SaveChangesAsync(cancellationToken);
    }

    /// <inheritdoc cref="RecordAsync(string, string, string?, string?, IReadOnlyDictionary{string, string}?, CancellationToken)"/>
    public Task RecordAsync(string kind, string outcome, string? actor, string? subject, CancellationToken cancellationToken) =>
        RecordAsync(kind, outcome, actor, subject, details: null, cancellationToken);
}
