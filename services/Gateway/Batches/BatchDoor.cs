using System.Diagnostics;
using System.Globalization;
using KvAspire.Gateway.ApiKeys;
using KvAspire.Gateway.Overload;
using KvAspire.Gateway.RateLimits;
using KvAspire.Gateway.Routing;
using KvAspire.ServiceDefaults.Batches;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Tokens;
using Microsoft.Extensions.Primitives;

namespace KvAspire.Gateway.Batches;

/// <summary>What requests have in common that go in batches: which can, and what they pass on the way.</summary>
internal sealed class BatchDoor(CheckedTokens tokens, ApiKeyExchange keys, RateLimiter limiter, BackendGates gates, IHostApplicationLifetime lifetime)
{
    private const string Prefix = "/api/data/";

    // As of every answer of the service.
    private static readonly StringValues Json = "application/json; charset=utf-8";

    /// <summary>
    /// Whether a request is for one entry, with nothing that only the ordinary way understands, by a token that was checked
    /// before and grants it.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="scope">What the token must grant.</param>
    /// <param name="bearer">Who sends it.</param>
    /// <param name="target">What follows in the request target: the key, and perhaps a query.</param>
    public bool TryAdmit(HttpContext context, string scope, out Bearer bearer, out ReadOnlyMemory<char> target)
    {
        (bearer, target) = (default, default);

        // What is recorded is recorded whole, through the service to Redis; a batch belongs to no single trace. And a gateway
        // that is about to stop says so on its answers.
        if (!IsPlain(context.Request.Headers) || Activity.Current is { Recorded: true } || lifetime.ApplicationStopping.IsCancellationRequested)
            return false;

        var whole = PlainTargets.Of(context);
        if (!whole.StartsWith(Prefix, StringComparison.Ordinal) || whole.Length == Prefix.Length || !PlainTargets.IsPlain(context))
            return false;

        var token = ApiKeyBearers.ReadKey(context.Request) is { } key ? keys.Find(key)?.AccessToken.AsMemory() ?? default : AccessTokens.Read(context.Request);
        if (tokens.FindIdentity(token.Span) is not { } identity || !identity.Grants(scope))
            return false;

        (bearer, target) = (new(identity, token), whole.AsMemory(Prefix.Length));
        return true;
    }

    /// <summary>Takes a request out of its budget, lets it wait for its turn, and sends it.</summary>
    /// <returns>What refuses it, or its answer.</returns>
    public async Task<(ErrorResult? Refusal, TAnswer Answer)> SendAsync<TAnswer>(HttpContext context, BudgetKind kind, Lanes<TAnswer> lanes, PendingRequest<TAnswer> request)
    {
        var decision = await limiter.TakeAsync(kind, request.Identity.Subject);
        if (!RateLimitsRegistration.Tell(context, kind, decision, out var refusal))
            return (refusal, default!);
        if (lanes.Least() is not { } lane)
            return default;

        var gate = gates.Of(PublicRoutes.Data);
        if (!await gate.TryEnterAsync(request.Identity.Subject, context))
            return (await gates.RefuseAsync(PublicRoutes.Data, context), default!);

        try
        {
            return (null, await lane.SendAsync(request));
        }
        finally
        {
            gate.Leave();
        }
    }

    /// <summary>Sends what is ready to send: an entry, or what became of it.</summary>
    /// <param name="response">The response, with its status.</param>
    /// <param name="revision">The entry's revision.</param>
    /// <param name="body">The body, as JSON in UTF-8.</param>
    public static async Task SendAsync(HttpResponse response, long revision, ReadOnlyMemory<byte> body)
    {
        response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{revision}\"");
        response.Headers.ContentType = Json;
        response.ContentLength = body.Length;
        await response.BodyWriter.WriteAsync(body); // where the client has gone it is for nothing, and no failure
    }

    /// <summary>Goes on in the ordinary way, which does not count it once more.</summary>
    public static Task GoOnAsync(HttpContext context, RequestDelegate next)
    {
        context.Features.Set(Counted.Already);
        return next(context);
    }

    // No conditions, no wishes of the cache, no script of another origin, which CORS has to look at.
    private static bool IsPlain(IHeaderDictionary headers) =>
        headers.Authorization.Count == 1
        && headers.CacheControl.Count == 0 && headers.IfNoneMatch.Count == 0 && headers.IfMatch.Count == 0 && headers.Origin.Count == 0
        && headers.TransferEncoding.Count == 0;
}

/// <summary>Registers batches.</summary>
internal static class BatchesRegistration
{
    public static WebApplicationBuilder AddBatches(this WebApplicationBuilder builder)
    {
        builder.Services
            .AddSingleton<BatchDoor>()
            .AddSingleton<BatchedReads>().AddSingleton<Lanes<ReadAnswer>>().AddSingleton<BatchKind<ReadAnswer>, ReadBatches>()
            .AddSingleton<BatchedWrites>().AddSingleton<Lanes<PutAnswer>>().AddSingleton<BatchKind<PutAnswer>, WriteBatches>();
        return builder;
    }

    /// <summary>Uses them, ahead of all that an ordinary request goes through.</summary>
    public static void UseBatches(this WebApplication app)
    {
        var (reads, writes) = (app.Services.GetRequiredService<BatchedReads>(), app.Services.GetRequiredService<BatchedWrites>());
        app.Use((context, next) =>
            HttpMethods.IsGet(context.Request.Method) && reads.Read(context) is { } read ? reads.AnswerAsync(context, next, read)
            : HttpMethods.IsPut(context.Request.Method) && writes.Read(context) is { } write ? writes.AnswerAsync(context, next, write)
            : next(context));
    }
}
