using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KvAspire.ServiceDefaults.Errors;

/// <summary>
/// Writes an error: as the API's envelope, as problem details (RFC 9457) where the client prefers these, or as an OAuth error on
/// the paths of <see cref="OAuthErrors"/>. Nothing else writes error JSON.
/// </summary>
public sealed class ErrorResult(
    ApiError error, string? message = null, IReadOnlyDictionary<string, string[]>? errors = null, TimeSpan? retryAfter = null)
    : IResult, IStatusCodeHttpResult, IValueHttpResult
{
    private const string Json = "application/json; charset=utf-8";

    /// <summary>The catalogue's entry.</summary>
    public ApiError Error => error;

    /// <summary>Why, for <see cref="RefusalLog"/>: more than the code says, in a text of ours without data of users.</summary>
    public string? Reason { get; init; }

    /// <summary>The exception that ended in this error, for <see cref="RefusalLog"/>.</summary>
    public Exception? Cause { get; init; }

    /// <inheritdoc/>
    public int? StatusCode => error.Status;

    /// <inheritdoc/>
    public object? Value => error;

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        var options = httpContext.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var text = message ?? error.Message;
        httpContext.RequestServices.GetRequiredService<RefusalLog>().Write(httpContext, error.Status, error.Code, Reason, Cause);

        response.StatusCode = error.Status;
        response.Headers.CacheControl = "no-store";
        if (error.Status is StatusCodes.Status401Unauthorized && response.Headers.WWWAuthenticate.Count == 0)
            response.Headers.WWWAuthenticate = BearerChallenge.Of(error);
        if (retryAfter is { } wait)
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        else if (error.Status is StatusCodes.Status503ServiceUnavailable && response.Headers.RetryAfter.Count == 0)
            response.Headers.RetryAfter = "1";

        var isRecorded = ErrorTraces.Keep(httpContext);
        if (httpContext.RequestServices.GetService<OAuthErrors>()?.Contain(httpContext.Request.Path) is true)
        {
            return WriteAsync(response, Json, options, OAuthErrorBody.Of(OAuthErrors.CodeOf(error.Status), text), httpContext.RequestAborted);
        }

        return AcceptedErrors.PreferProblem(httpContext.Request.Headers.Accept)
            ? WriteAsync(response, AcceptedErrors.Problem, options, AsProblem(text, isRecorded), httpContext.RequestAborted)
            : WriteAsync(response, Json, options,
                new ErrorEnvelope(error.Code, text, TraceId(), isRecorded, errors), httpContext.RequestAborted);
    }

    private Problem AsProblem(string detail, bool? isRecorded) => new(
        $"urn:kvaspire:error:{error.Code}", ReasonPhrases.GetReasonPhrase(error.Status), error.Status, detail, error.Code, TraceId(), isRecorded, errors);

    private static Task WriteAsync<T>(
        HttpResponse response, string contentType, JsonSerializerOptions options, T body, CancellationToken cancellationToken)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, options);
        response.ContentType = contentType;
        response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(response.HttpContext.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(bytes, cancellationToken).AsTask();
    }

    // Every request has a W3C trace id; the random one is for callers without an Activity.
    private static string TraceId() => (Activity.Current?.TraceId ?? ActivityTraceId.CreateRandom()).ToHexString();

    private sealed record ErrorEnvelope(
        string Code, string Message, string TraceId, bool? TraceRecorded, IReadOnlyDictionary<string, string[]>? Errors)
    {
        [JsonPropertyOrder(-1)]
        public string Status { get; } = "error";
    }

    private sealed record Problem(
        string Type, string Title, int Status, string Detail, string Code, string TraceId, bool? TraceRecorded,
        IReadOnlyDictionary<string, string[]>? Errors);
}
