using System.Diagnostics;
using System.Globalization;
using System.Text;
using KvAspire.Gateway.Routes;
using KvAspire.GatewayProtocol;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Primitives;

namespace KvAspire.Gateway.Forwarding.Batches;

/// <summary>
/// Forwards small requests for one entry in batches: those that come together go to the data service as one request. Which
/// requests these are, <see cref="SmallRequest"/> says by their shape alone. YARP forwards all others, and those that the
/// data service declines.
/// </summary>
internal sealed class BatchForwarder(Lanes<ReadAnswer> reads, Lanes<WriteAnswer> writes)
{
    private static readonly StringValues Json = "application/json; charset=utf-8";
    private static readonly StringValues Hit = ReadAnswers.CacheStatus, Private = ReadAnswers.CacheControl;

    /// <summary>Forwards a request, or leaves it to <paramref name="next"/>.</summary>
    public Task ForwardAsync(HttpContext context, RequestDelegate next) =>
        PublicRoute.Of(context) is not { IsOfOneEntry: true } ? next(context)
        : SmallRequest.IsRead(context, out var read) ? ReadAsync(context, next, read)
        : SmallRequest.IsReplacement(context, out var target, out var upserts) ? ReplaceAsync(context, next, target, upserts)
        : next(context);

    private async Task ReadAsync(HttpContext context, RequestDelegate next, ReadOnlyMemory<char> key)
    {
        var answer = await reads.SendAsync(new PendingRead(Bearer.Of(context), key));
        RequestSpan.Happened("kvaspire.cache", "kvaspire.cache.result", answer.Kind is ReadAnswerKind.Entry or ReadAnswerKind.None ? "hit" : "miss");
        switch (answer.Kind)
        {
            case ReadAnswerKind.Entry:
                context.Response.Headers["Cache-Status"] = Hit;
                context.Response.Headers.CacheControl = Private;
                await SendAsync(context.Response, answer.Revision, answer.Body);
                break;
            case ReadAnswerKind.None:
                context.Response.Headers["Cache-Status"] = Hit;
                await ErrorCatalogue.KeyNotFound.AsResult().ExecuteAsync(context);
                break;
            default:
                await next(context);
                break;
        }
    }

    private async Task ReplaceAsync(HttpContext context, RequestDelegate next, ReadOnlyMemory<char> key, bool upserts)
    {
        var body = new byte[(int)context.Request.ContentLength!.Value];
        await context.Request.Body.ReadExactlyAsync(body, context.RequestAborted);
        var trace = Activity.Current?.TraceId ?? ActivityTraceId.CreateRandom();
        var answer = await writes.SendAsync(new PendingWrite(Bearer.Of(context), key, upserts, trace, body));
        if (answer.IsDeclined)
        {
            context.Request.Body = new MemoryStream(body);
            await next(context);
        }
        else if (answer.Status < StatusCodes.Status400BadRequest)
        {
            context.Response.StatusCode = answer.Status;
            if (answer.Location is { } location)
                context.Response.Headers.Location = location;
            await SendAsync(context.Response, answer.Revision, answer.Body);
        }
        else
        {
            var error = ErrorCatalogue.Find(Encoding.ASCII.GetString(answer.Body)) ?? ErrorCatalogue.ForStatus(answer.Status);
            await error.AsResult(reason: answer.Body.Length > 0 ? "the data service says so" : "its batch got no answer").ExecuteAsync(context);
        }
    }

    private static async Task SendAsync(HttpResponse response, long revision, ReadOnlyMemory<byte> body)
    {
        response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{revision}\"");
        response.Headers.ContentType = Json;
        response.ContentLength = body.Length;
        await response.BodyWriter.WriteAsync(body); // does not fail where the client has gone
    }
}

/// <summary>Registers and uses batches.</summary>
internal static class BatchesSetup
{
    public static WebApplicationBuilder AddBatches(this WebApplicationBuilder builder)
    {
        builder.Services
            .AddSingleton<BatchForwarder>().AddSingleton<BatchSpans>()
            .AddSingleton<Lanes<ReadAnswer>>().AddSingleton<BatchKind<ReadAnswer>, Reads>()
            .AddSingleton<Lanes<WriteAnswer>>().AddSingleton<BatchKind<WriteAnswer>, Writes>();
        return builder;
    }

    /// <summary>Uses batches, at the end of the pipeline.</summary>
    public static void UseBatches(this WebApplication app)
    {
        var forwarder = app.Services.GetRequiredService<BatchForwarder>();
        app.Use(forwarder.ForwardAsync);
    }
}
