using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using KvAspire.Gateway.Limits;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Tokens;
using Microsoft.AspNetCore.RateLimiting;
using Yarp.ReverseProxy.Configuration;

namespace KvAspire.Gateway.RateLimits;

/// <summary>
/// Refuses with 429 what is beyond a budget, and says on every answer how much is left: <c>RateLimit</c> and
/// <c>RateLimit-Policy</c> (draft-ietf-httpapi-ratelimit-headers), <c>Retry-After</c> (RFC 9110, section 10.2.3).
/// </summary>
internal static class RateLimitsRegistration
{
    public static WebApplicationBuilder AddRateLimits(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<Budgets>().BindConfiguration(Budgets.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<SharedLog>().AddSingleton<RateLimiter>();
        return builder;
    }

    /// <summary>Notes at each endpoint what its requests are counted as.</summary>
    public static void CountRequests(this ReverseProxyConventionBuilder endpoints) =>
        endpoints.ConfigureEndpoints((endpoint, route) => endpoint.WithMetadata(new CountedAs(KindOf(route))));

    public static void UseRateLimits(this WebApplication app)
    {
        var limiter = app.Services.GetRequiredService<RateLimiter>();
        app.Use((context, next) =>
        {
            var endpoint = context.GetEndpoint();
            if (endpoint?.Metadata.GetMetadata<DisableRateLimitingAttribute>() is not null || context.Features.Get<Counted>() is not null)
                return next(context);

            // Whoever has no valid token where one is needed shall not use up what others may ask for.
            var kind = endpoint?.Metadata.GetMetadata<CountedAs>()?.Kind ?? BudgetKind.Other;
            if (context.User.Identity is not AccessTokenIdentity && kind is not (BudgetKind.SignIn or BudgetKind.Registration))
                kind = BudgetKind.Other;

            var decision = limiter.TakeAsync(kind, Requester.Of(context));
            return decision.IsCompletedSuccessfully ? GoOn(context, next, kind, decision.Result) : WaitAsync(context, next, kind, decision);
        });
    }

    /// <summary>Says on the answer how much is left.</summary>
    /// <returns>Whether the request may pass.</returns>
    public static bool Tell(HttpContext context, BudgetKind kind, in Decision decision, [NotNullWhen(false)] out ErrorResult? refusal)
    {
        refusal = null;
        if (decision.Budget.Limit == 0)
            return true; // no limit

        var headers = context.Response.Headers;
        var name = NameOf(kind);
        headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={decision.Budget.Limit};w={(int)decision.Budget.Window.TotalSeconds}");
        headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";r={decision.Remaining};t={decision.ResetSeconds}");
        if (!decision.IsAllowed)
            refusal = new(ErrorCatalogue.RateLimited, retryAfter: TimeSpan.FromSeconds(decision.ResetSeconds));
        return decision.IsAllowed;
    }

    private static async Task WaitAsync(HttpContext context, RequestDelegate next, BudgetKind kind, ValueTask<Decision> decision) =>
        await GoOn(context, next, kind, await decision);

    private static Task GoOn(HttpContext context, RequestDelegate next, BudgetKind kind, in Decision decision) =>
        Tell(context, kind, decision, out var refusal) ? next(context) : refusal.ExecuteAsync(context);

    private static BudgetKind KindOf(RouteConfig route) => route switch
    {
        { RouteId: "register" } => BudgetKind.Registration,
        { RouteId: "token" or "connect-token" or "connect-introspect" } => BudgetKind.SignIn,
        { AuthorizationPolicy: Scopes.AccountPolicy or Scopes.Admin } => BudgetKind.Account,
        { AuthorizationPolicy: Scopes.Read } => BudgetKind.Read,
        { AuthorizationPolicy: Scopes.Write or Scopes.ReadOrWrite } => BudgetKind.Write,
        _ => BudgetKind.Other,
    };

    private static string NameOf(BudgetKind kind) => kind switch
    {
        BudgetKind.Registration => "registration",
        BudgetKind.SignIn => "sign-in",
        BudgetKind.Account => "account",
        BudgetKind.Read => "read",
        BudgetKind.Write => "write",
        _ => "other",
    };
}
