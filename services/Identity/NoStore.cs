namespace KvAspire.Identity;

/// <summary>
/// Forbids every cache to store an answer (RFC 9111, section 5.2.2.5): all are about one person, or have a secret. The public
/// documents of the issuer replace the header.
/// </summary>
internal static class NoStore
{
    public static void UseNoStore(this WebApplication app) => app.Use((context, next) =>
    {
        context.Response.Headers.CacheControl = "no-store";
        return next(context);
    });
}
