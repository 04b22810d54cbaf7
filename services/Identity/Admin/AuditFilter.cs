using KvAspire.Identity.Audit;
using KvAspire.Identity.Text;

namespace KvAspire.Identity.Admin;

/// <summary>The filters of a request for audit events.</summary>
internal sealed record AuditFilter(string? Kind, string? Actor, string? Subject, DateTimeOffset? From, DateTimeOffset? To)
{
    private const int MaxText = 128;

    public static readonly string[] Parameters = ["kind", "actor", "subject", "from", "to"];

    /// <summary>Reads the parameters; null with the errors of each parameter.</summary>
    public static AuditFilter? Read(IQueryCollection query, out Dictionary<string, string[]> errors)
    {
        errors = [];
        var filter = new AuditFilter(
            Text(query, "kind", errors), Id(query, "actor", errors), Id(query, "subject", errors),
            Time(query, "from", errors), Time(query, "to", errors));
        return errors.Count == 0 ? filter : null;
    }

    /// <summary>
    /// The events that match: the last repetition is not before <see cref="From"/>, and the first is before <see cref="To"/>.
    /// </summary>
    public IQueryable<AuditEvent> Apply(IQueryable<AuditEvent> events)
    {
        if (Kind is not null)
            events = events.Where(audited => audited.Kind == Kind);
        if (Actor is not null)
            events = events.Where(audited => audited.Actor == Actor);
        if (Subject is not null)
            events = events.Where(audited => audited.Subject == Subject);
        if (From is { } from)
        {
            // Only the first time has an index, and chooses partitions.
            var window = AuditOptions.LongestWindow;
            var earliest = from - DateTimeOffset.MinValue > window ? from - window : from;
            events = events.Where(audited => audited.At >= earliest && (audited.LastAt ?? audited.At) >= from);
        }

        if (To is not null)
            events = events.Where(audited => audited.At < To);
        return events;
    }

    private static string? Text(IQueryCollection query, string name, Dictionary<string, string[]> errors)
    {
        var text = query[name].ToString();
        if (!CodePoints.AreAtMost(text, MaxText) || text.Any(char.IsControl))
            errors[name] = [$"This parameter must be at most {MaxText} characters without control characters."];
        return text.Length == 0 ? null : text;
    }

    private static string? Id(IQueryCollection query, string name, Dictionary<string, string[]> errors) =>
        Text(query, name, errors) is { } text ? UuidText.ReadSubject(text) : null;

    private static DateTimeOffset? Time(IQueryCollection query, string name, Dictionary<string, string[]> errors)
    {
        var text = query[name].ToString();
        if (text.Length == 0)
            return null;
        if (Rfc3339.TryRead(text, out var time))
            return time;

        errors[name] = ["This parameter must be a moment in the form of RFC 3339, such as 2026-01-31T12:00:00Z."];
        return null;
    }
}
