using System.Globalization;
using System.Text.Json;
using KvAspire.Identity.Audit;
using KvAspire.Identity.Database;

namespace KvAspire.Identity.Admin;

/// <summary>The endpoint that reads the audit log, newest event first.</summary>
internal static class AuditAdministration
{
    public static IEndpointRouteBuilder MapAuditAdministration(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/admin/audit", ListAsync).RequireAuthorization(Scopes.Admin).Describe(AdminDescription.ReadAudit);
        return routes;
    }

    private static async Task<Results<Ok<SuccessEnvelope<PageOf<AuditRecord>>>, ErrorResult>> ListAsync(
        HttpContext http, IdentityDb db, CancellationToken cancellationToken)
    {
        if (Page.Read(http.Request.Query, "audit", AuditFilter.Parameters, ReadEventId, out var error) is not { } page)
            return error!;
        if (AuditFilter.Read(http.Request.Query, out var errors) is not { } filter)
            return ErrorCatalogue.InvalidRequest.AsResult("Invalid request. A parameter is not valid.", errors);

        var events = filter.Apply(db.AuditEvents.AsNoTracking());
        if (page.After is { } after)
        {
            var before = long.Parse(after, CultureInfo.InvariantCulture);
            events = events.Where(audited => audited.Id < before);
        }

        var found = await events.OrderByDescending(audited => audited.Id).Take(page.Limit + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(Success.Of(null, page.Of(
            [.. found.Select(Show)], audited => audited.Id.ToString(CultureInfo.InvariantCulture))));
    }

    private static string? ReadEventId(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? text : null;

    private static AuditRecord Show(AuditEvent audited) => new(
        audited.Id, audited.At, audited.LastAt, audited.Count, audited.Kind, audited.Outcome, audited.Actor, audited.Subject, audited.ClientAddress?.ToString(),
        audited.TraceId, audited.Details is null ? null : JsonElement.Parse(audited.Details));
}
