using System.Net;
using System.Text.Json;

namespace KvAspire.Client;

/// <summary>An error response of the service.</summary>
public class KvException : Exception
{
    internal KvException(HttpStatusCode status, string code, string message, string? traceId, IReadOnlyDictionary<string, string[]> errors, TimeSpan? retryAfter)
        : base(message) => (Status, Code, TraceId, Errors, RetryAfter) = (status, code, traceId, errors, retryAfter);

    /// <summary>The HTTP status.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>The error code, such as <c>KEY_NOT_FOUND</c>; see the API's error catalogue.</summary>
    public string Code { get; }

    /// <summary>The trace id of the request, for the operators of the system.</summary>
    public string? TraceId { get; }

    /// <summary>The validation errors of each field.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; }

    /// <summary>The value of <c>Retry-After</c>.</summary>
    public TimeSpan? RetryAfter { get; }

    internal static async Task<KvException> FromAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        var (code, message, traceId, errors) = Read(body);
        code ??= $"HTTP_{(int)response.StatusCode}";
        message ??= $"The service answered {(int)response.StatusCode}.";
        var retryAfter = response.Headers.RetryAfter?.Delta;
        return code is "REVISION_COMPACTED"
            ? new RevisionCompactedException(response.StatusCode, code, message, traceId, errors, retryAfter)
            : new KvException(response.StatusCode, code, message, traceId, errors, retryAfter);
    }

    // The envelope or OAuth's {"error","error_description"}. All null where the response is neither, as from a proxy.
    private static (string? Code, string? Message, string? TraceId, IReadOnlyDictionary<string, string[]> Errors) Read(byte[] body)
    {
        var errors = new Dictionary<string, string[]>();
        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            if (root.ValueKind is not JsonValueKind.Object)
                return (null, null, null, errors);

            if (root.TryGetProperty("errors", out var fields) && fields.ValueKind is JsonValueKind.Object)
            {
                foreach (var field in fields.EnumerateObject())
                    errors[field.Name] = [.. field.Value.EnumerateArray().Select(error => error.ToString())];
            }

            return (Text(root, "code") ?? Text(root, "error"), Text(root, "message") ?? Text(root, "error_description"), Text(root, "trace_id"), errors);
        }
        catch (JsonException)
        {
            return (null, null, null, errors);
        }
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var member) && member.ValueKind is JsonValueKind.String ? member.GetString() : null;
}

/// <summary>
/// The history no longer contains the revision at which a watch or restoration would begin (<c>REVISION_COMPACTED</c>). List the
/// keys again, then watch from now.
/// </summary>
public sealed class RevisionCompactedException : KvException
{
    internal RevisionCompactedException(
        HttpStatusCode status, string code, string message, string? traceId, IReadOnlyDictionary<string, string[]> errors, TimeSpan? retryAfter)
        : base(status, code, message, traceId, errors, retryAfter)
    {
    }
}
