using System.Diagnostics;
using System.Globalization;
using KvAspire.Gateway.ApiKeys;
using KvAspire.Gateway.Overload;
using KvAspire.Gateway.RateLimits;
using KvAspire.Gateway.Routing;
using KvAspire.ServiceDefaults.BatchedReads;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Tokens;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace KvAspire.Gateway.BatchedReads;

/// <summary>
/// Answers plain reads of entries that the cache has: those that come at the same moment go to the data service as one
/// request. Everything else goes the ordinary way, and so does what turns out to be no such read: all that is refused is
/// refused there.
/// </summary>
internal sealed class BatchedReads(
    CheckedTokens tokens, ApiKeyExchange keys, RateLimiter limiter, BackendGates gates, ReadLanes lanes, IHostApplicationLifetime lifetime)
{
    private const string Prefix = "/api/data/", Service = "data";

    private static readonly StringValues Hit = "kvaspire; hit", Json = "application/json; charset=utf-8";

    /// <summary>The read that a request is, or null.</summary>
    public PendingRead? Read(HttpContext context)
    {
        if (!IsPlain(context.Request))
            return null;

        // What is recorded is recorded whole, through the service to Redis; a batch belongs to no single trace. And a gateway
        // that is about to stop says so on its answers.
        if (Activity.Current is { Recorded: true } || lifetime.ApplicationStopping.IsCancellationRequested)
            return null;

        var target = PlainTargets.Of(context);
        if (!target.StartsWith(Prefix, StringComparison.Ordinal) || target.Length - Prefix.Length is 0 or > ReadBatch.MaxKeyLength
            || target.Contains('?', StringComparison.Ordinal) || !PlainTargets.IsPlain(context))
            return null;

        var token = ApiKeyBearers.ReadKey(context.Request) is { } key ? keys.Find(key)?.AccessToken.AsMemory() ?? default : AccessTokens.Read(context.Request);
        return tokens.FindIdentity(token.Span) is { } identity && identity.Grants(Scopes.Read)
            ? new(identity, token, target.AsMemory(Prefix.Length))
            : null;
    }

    /// <summary>Answers it.</summary>
    public async Task AnswerAsync(HttpContext context, RequestDelegate next, PendingRead read)
    {
        var decision = await limiter.TakeAsync(BudgetKind.Read, read.Identity.Subject);
        if (!RateLimitsRegistration.Tell(context, BudgetKind.Read, decision, out var refusal))
        {
            await refusal.ExecuteAsync(context);
            return;
        }

        if (lanes.Least() is not { } lane)
        {
            await GoOnAsync(context, next);
            return;
        }

        var gate = gates.Of(Service);
        if (!await gate.TryEnterAsync(read.Identity.Subject, context.RequestAborted))
        {
            await gates.Refuse(Service).ExecuteAsync(context);
            return;
        }

        ReadAnswer answer;
        try
        {
            answer = await lane.ReadAsync(read);
        }
        finally
        {
            gate.Leave();
        }

        if (answer.Kind is ReadAnswerKind.Entry)
            await SendAsync(context.Response, answer);
        else if (answer.Kind is ReadAnswerKind.None)
            await SendNoneAsync(context);
        else
            await GoOnAsync(context, next);
    }

    // No conditions, no wishes of the cache, no script of another origin, which CORS has to look at.
    private static bool IsPlain(HttpRequest request)
    {
        var headers = request.Headers;
        return HttpMethods.IsGet(request.Method)
            && headers.Authorization.Count == 1
            && headers.CacheControl.Count == 0 && headers.IfNoneMatch.Count == 0 && headers.IfMatch.Count == 0 && headers.Origin.Count == 0
            && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true };
    }

    private static async Task SendAsync(HttpResponse response, ReadAnswer answer)
    {
        response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{answer.Revision}\"");
        response.Headers["Cache-Status"] = Hit;
        response.Headers.ContentType = Json;
        response.ContentLength = answer.Body.Length;
        await response.BodyWriter.WriteAsync(answer.Body); // where the client has gone it is for nothing, and no failure
    }

    private static Task SendNoneAsync(HttpContext context)
    {
        context.Response.Headers["Cache-Status"] = Hit;
        return ErrorCatalogue.KeyNotFound.AsResult().ExecuteAsync(context);
    }

    private static Task GoOnAsync(HttpContext context, RequestDelegate next)
    {
        context.Features.Set(Counted.Already);
        return next(context);
    }
}

/// <summary>Registers and uses them.</summary>
internal static class BatchedReadsRegistration
{
    public static WebApplicationBuilder AddBatchedReads(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<BatchedReads>().AddSingleton<ReadLanes>();
        return builder;
    }

    /// <summary>Uses them, ahead of all that an ordinary request goes through.</summary>
    public static void UseBatchedReads(this WebApplication app)
    {
        var reads = app.Services.GetRequiredService<BatchedReads>();
        app.Use((context, next) => reads.Read(context) is { } read ? reads.AnswerAsync(context, next, read) : next(context));
    }
}
