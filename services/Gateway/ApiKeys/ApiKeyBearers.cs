using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Gateway.ApiKeys;

/// <summary>
/// Puts an access token in the place of an API key (<c>Authorization: Bearer kva_…</c>) before the request is checked and
/// forwarded: no service but Identity ever sees a key.
/// </summary>
internal static class ApiKeyBearers
{
    private const string Scheme = "Bearer ", Start = "kva_";

    // As long as Identity makes them. Anything else goes on as it is, and is refused like any other garbage.
    private const int Length = 67;

    public static WebApplicationBuilder AddApiKeys(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ApiKeyExchange>();
        return builder;
    }

    public static void UseApiKeys(this WebApplication app)
    {
        var exchange = app.Services.GetRequiredService<ApiKeyExchange>();
        app.Use((context, next) =>
        {
            if (!AccessTokens.AreAskedFor(context) || ReadKey(context.Request) is not { } key)
                return next(context);

            return exchange.Find(key) is { } known ? GoOn(context, next, known) : AskAsync(context, next, exchange, key);
        });
    }

    private static async Task AskAsync(HttpContext context, RequestDelegate next, ApiKeyExchange exchange, string key)
    {
        if (await exchange.AskAsync(key, context.RequestAborted) is { } outcome)
            await GoOn(context, next, outcome);
        else
            await ErrorCatalogue.Unavailable.AsResult().ExecuteAsync(context);
    }

    // A key that was refused stays where it is: it is no access token, and the check says so.
    private static Task GoOn(HttpContext context, RequestDelegate next, Exchanged outcome)
    {
        if (outcome.AccessToken is { } token)
            context.Request.Headers.Authorization = Scheme + token;
        return next(context);
    }

    /// <summary>The API key that a request brings, if it does.</summary>
    public static string? ReadKey(HttpRequest request)
    {
        string? header = request.Headers.Authorization;
        return header is { Length: > 0 } && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && header.AsSpan(Scheme.Length).Trim() is { Length: Length } key && key.StartsWith(Start, StringComparison.Ordinal)
                ? key.ToString()
                : null;
    }
}
