using System.Collections.ObjectModel;
using System.Net;
using System.Text.Json;

namespace KvAspire.Client;

/// <summary>What an error response says. Tests of an application make their own, to throw a <see cref="KvException"/>.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The error code, such as <c>KEY_NOT_FOUND</c>; see the API's error catalogue.</param>
/// <param name="Message">A sentence for people.</param>
public sealed record KvError(HttpStatusCode Status, string Code, string Message)
{
    /// <summary>The trace id of the request, for the operators of the system.</summary>
    public string? TraceId { get; init; }

    /// <summary>The validation errors of each field.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; init; } = ReadOnlyDictionary<string, string[]>.Empty;

    /// <summary>The value of <c>Retry-After</c>.</summary>
    public TimeSpan? RetryAfter { get; init; }

    internal static async Task<KvError> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        var error = new KvError(response.StatusCode, $"HTTP_{status}", $"The service answered {status}.") { RetryAfter = response.Headers.RetryAfter?.Delta };
        try
        {
            using var json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
            return json.RootElement.ValueKind is JsonValueKind.Object ? error.With(json.RootElement) : error;
        }
        catch (JsonException)
        {
            return error; // as from a proxy
        }
    }

    // The envelope or OAuth's {"error","error_description"}.
    private KvError With(JsonElement body) => this with
    {
        Code = Text(body, "code") ?? Text(body, "error") ?? Code,
        Message = Text(body, "message") ?? Text(body, "error_description") ?? Message,
        TraceId = Text(body, "trace_id"),
        Errors = body.TryGetProperty("errors", out var fields) && fields.ValueKind is JsonValueKind.Object
            ? fields.EnumerateObject().ToDictionary(field => field.Name, field => field.Value.EnumerateArray().Select(error => error.ToString()).ToArray())
            : Errors,
    };

    private static string? Text(JsonElement body, string name) =>
        body.TryGetProperty(name, out var member) && member.ValueKind is JsonValueKind.String ? member.GetString() : null;
}
