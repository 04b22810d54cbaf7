using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Services;
using KvAspire.TokenChecking;

namespace KvAspire.Gateway.Admission.ApiKeys;

/// <summary>
/// Replaces an API key (<c>Authorization: Bearer kva_…</c>) by an access token before the request is authenticated and
/// forwarded, so that only Identity ever sees API keys.
/// </summary>
internal static class ApiKeySubstitution
{
    private const string Scheme = "Bearer ", Prefix = "kva_";

    // The length of Identity's keys. Authentication refuses any other text as an invalid token.
    private const int Length = 67;

    public static WebApplicationBuilder AddApiKeys(this WebApplicationBuilder builder)
    {
        builder.Services.AddHttpClient(nameof(ApiKeyExchange)).CallService(AccessTokens.Identity, ApiKeyExchange.Timeout);
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

            return exchange.Find(key) is { } known ? Continue(context, next, known) : ExchangeAsync(context, next, exchange, key);
        });
    }

    private static async Task ExchangeAsync(HttpContext context, RequestDelegate next, ApiKeyExchange exchange, string key)
    {
        if (await exchange.ExchangeAsync(key, context.RequestAborted) is { } outcome)
            await Continue(context, next, outcome);
        else
            await ErrorCatalogue.Unavailable.AsResult(reason: "the identity service cannot exchange the API key").ExecuteAsync(context);
    }

    // A refused key stays in the header: authentication then refuses it as an invalid token.
    private static Task Continue(HttpContext context, RequestDelegate next, ExchangeOutcome outcome)
    {
        if (outcome.AccessToken is { } token)
            context.Request.Headers.Authorization = Scheme + token;
        return next(context);
    }

    private static string? ReadKey(HttpRequest request)
    {
        string? header = request.Headers.Authorization;
        return header is { Length: > 0 } && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && header.AsSpan(Scheme.Length).Trim() is { Length: Length } key && key.StartsWith(Prefix, StringComparison.Ordinal)
                ? key.ToString()
                : null;
    }
}
