using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KvAspire.Gateway.Admission.Gates;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Telemetry;
using KvAspire.ServiceDefaults.Telemetry.Metrics;
using KvAspire.TokenChecking;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace KvAspire.Gateway.Admission.Budgets;

/// <summary>
/// Answers 429 with <c>Retry-After</c> (RFC 9110, section 10.2.3) when a budget is used up, at the pace of
/// <see cref="RefusalThrottle"/>. Every response tells what is left in <c>RateLimit</c> and <c>RateLimit-Policy</c>
/// (draft-ietf-httpapi-ratelimit-headers).
/// </summary>
internal static class BudgetAdmission
{
    /// <summary>The names of the kinds of budgets.</summary>
    public static readonly string[] Names = [.. Enum.GetNames<BudgetKind>().Select(JsonNamingPolicy.KebabCaseLower.ConvertName)];

    private static readonly string[] Reasons = [.. Names.Select(name => $"the budget {name} is used up")];

    public static WebApplicationBuilder AddBudgets(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<BudgetOptions>()
            .BindConfiguration(BudgetOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<SharedWindow>().AddSingleton<BudgetLedger>().AddInstruments<BudgetMetrics>();
        return builder;
    }

    public static void UseBudgets(this WebApplication app)
    {
        var ledger = app.Services.GetRequiredService<BudgetLedger>();
        var refusals = new Refusals(app.Services.GetRequiredService<RefusalThrottle>(), app.Services.GetRequiredService<BudgetMetrics>());
        app.Use((context, next) =>
        {
            var endpoint = context.GetEndpoint();
            if (endpoint?.Metadata.GetMetadata<DisableRateLimitingAttribute>() is not null)
                return next(context);

            // Requests without a valid token to an endpoint that asks for one count as Other, by address. So do unknown paths.
            var kind = endpoint?.Metadata.GetMetadata<EndpointBudget>()?.Kind ?? BudgetKind.Other;
            if (context.User.Identity is not AccessTokenIdentity && endpoint?.Metadata.GetMetadata<IAuthorizeData>() is not null)
                kind = BudgetKind.Other;

            // An answer about an e-mail address counts by network: one person may have many users.
            var requester = kind is BudgetKind.Registration ? Requester.Network(context.Connection.RemoteIpAddress) : Requester.Of(context);
            var decision = ledger.TakeAsync(kind, requester);
            return decision.IsCompletedSuccessfully
                ? Apply(context, next, refusals, kind, decision.Result)
                : ApplyAsync(context, next, refusals, kind, decision);
        });
    }

    private static async Task ApplyAsync(
        HttpContext context, RequestDelegate next, Refusals refusals, BudgetKind kind, ValueTask<Decision> decision) =>
        await Apply(context, next, refusals, kind, await decision);

    private static Task Apply(HttpContext context, RequestDelegate next, Refusals refusals, BudgetKind kind, in Decision decision)
    {
        SetHeaders(context.Response.Headers, kind, decision);
        return decision.IsAllowed ? next(context) : RefuseAsync(context, refusals, kind, decision.ResetSeconds);
    }

    private static async Task RefuseAsync(HttpContext context, Refusals refusals, BudgetKind kind, int resetSeconds)
    {
        refusals.Metrics.Limit(kind);
        await refusals.Throttle.WaitAsync(context);
        await ErrorCatalogue.RateLimited.AsResult(retryAfter: TimeSpan.FromSeconds(resetSeconds), reason: Reasons[(int)kind]).ExecuteAsync(context);
        RequestSpan.Happened("kvaspire.limited", "kvaspire.budget", Names[(int)kind]); // now that the request is kept
    }

    private sealed record Refusals(RefusalThrottle Throttle, BudgetMetrics Metrics);

    private static void SetHeaders(IHeaderDictionary headers, BudgetKind kind, in Decision decision)
    {
        if (decision.Budget.Limit == 0)
            return; // no limit

        var (name, culture) = (Names[(int)kind], CultureInfo.InvariantCulture);
        var seconds = (int)decision.Budget.Window.TotalSeconds;
        headers["RateLimit-Policy"] = string.Create(culture, $"\"{name}\";q={decision.Budget.Limit};w={seconds}");
        headers["RateLimit"] = string.Create(culture, $"\"{name}\";r={decision.Remaining};t={decision.ResetSeconds}");
    }
}

/// <summary>Endpoint metadata: the budget that counts the endpoint's requests.</summary>
internal sealed record EndpointBudget(BudgetKind Kind);

internal static class EndpointBudgets
{
    public static TBuilder WithBudget<TBuilder>(this TBuilder endpoints, BudgetKind kind)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new EndpointBudget(kind));

    /// <summary>Fails unless every endpoint has a budget or is exempt (<see cref="DisableRateLimitingAttribute"/>).</summary>
    /// <exception cref="InvalidOperationException">An endpoint is neither.</exception>
    public static void RequireBudgets(this IEndpointRouteBuilder app)
    {
        foreach (var endpoint in app.DataSources.SelectMany(source => source.Endpoints))
        {
            if (endpoint.Metadata.GetMetadata<EndpointBudget>() is null
                && endpoint.Metadata.GetMetadata<DisableRateLimitingAttribute>() is null)
            {
                throw new InvalidOperationException($"The endpoint {endpoint.DisplayName} has no budget. Map it with WithBudget(…).");
            }
        }
    }
}

/// <summary>Finds the meter of a requester and a kind of request.</summary>
internal sealed class BudgetLedger(SharedWindow shared, IOptionsMonitor<BudgetOptions> budgets, TimeProvider clock) : IDisposable
{
    // Bounds memory. Redis still has the count of an evicted meter.
    private const int MaxMeters = 100_000;

    private readonly Lock creating = new();
    private readonly MemoryCache meters = new(new MemoryCacheOptions { SizeLimit = MaxMeters });

    /// <summary>Counts one request of a user or network (<see cref="Requester"/>).</summary>
    public ValueTask<Decision> TakeAsync(BudgetKind kind, string requester)
    {
        var budget = budgets.CurrentValue.Of(kind);
        if (budget.Limit == 0)
            return ValueTask.FromResult(new Decision(true, budget, 0, 0));

        var id = (kind, requester);
        return (meters.TryGetValue(id, out RequesterMeter? meter) ? meter! : Create(id, budget)).TakeAsync(budget);
    }

    public void Dispose() => meters.Dispose();

    // MemoryCache calls the factory of each concurrent miss and keeps the last meter: the others' counts would be lost.
    private RequesterMeter Create((BudgetKind Kind, string Requester) id, Budget budget)
    {
        lock (creating)
        {
            return meters.GetOrCreate(id, entry =>
            {
                entry.SetSize(1).SetSlidingExpiration(budget.Window + budget.Window);
                return new RequesterMeter(id.Kind, Opaque(id.Requester), shared, clock);
            })!;
        }
    }

    // No user's id or address is stored in Redis.
    private static string Opaque(string requester) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(requester)).AsSpan(0, 16));
}
