using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using KvAspire.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace KvAspire.ServiceDefaults.Requests;

/// <summary>
/// A request body that must be one JSON object (RFC 8259) in UTF-8. Services read the fields themselves, so that types
/// are checked rather than coerced and each endpoint answers with its own codes.
/// </summary>
public sealed class JsonBody : IDisposable
{
    // Deeper than any sane value, shallow enough that no recursion on it can exhaust a stack.
    private const int MaxDepth = 256;

    private readonly JsonDocument? document;

    private JsonBody(JsonDocument document) => this.document = document;

    private JsonBody(ApiError error) => Error = error;

    /// <summary>Why there is no object: <c>INVALID_REQUEST</c>, <c>UNSUPPORTED_MEDIA_TYPE</c> or <c>PAYLOAD_TOO_LARGE</c>.</summary>
    public ApiError? Error { get; }

    /// <summary>The object. Valid until this is disposed, and only where <see cref="Error"/> is null.</summary>
    public JsonElement Root => document!.RootElement;

    /// <summary>Reads the body, and stops reading where it exceeds <paramref name="maxBytes"/>.</summary>
    public static async Task<JsonBody> ReadAsync(HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        if (!IsJson(request.ContentType))
            return new(ErrorCatalogue.UnsupportedMediaType);
        if (request.ContentLength > maxBytes)
            return new(ErrorCatalogue.PayloadTooLarge);

        try
        {
            return await ReadToEndAsync(request, maxBytes, cancellationToken) is { } bytes
                ? Parse(bytes)
                : new(ErrorCatalogue.PayloadTooLarge);
        }
        catch (BadHttpRequestException exception)
        {
            return new(ErrorCatalogue.ForStatus(exception.StatusCode));
        }
        catch (IOException)
        {
            // A chunk whose size is no number that Kestrel can hold; or the client is gone, and nobody reads the answer.
            return new(ErrorCatalogue.InvalidRequest);
        }
    }

    /// <summary>
    /// Whether this is an object whose members can be looked up: a name that escapes half of a surrogate pair parses, and then
    /// throws at every look-up. To be asked of objects within the body too, where members of theirs are read.
    /// </summary>
    public static bool IsReadableObject(JsonElement json)
    {
        if (json.ValueKind is not JsonValueKind.Object)
            return false;
        if (!JsonMarshal.GetRawUtf8Value(json).Contains((byte)'\\'))
            return true;

        try
        {
            foreach (var member in json.EnumerateObject())
                _ = member.Name;
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => document?.Dispose();

    private static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
        && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    // Null where there is more. Counted here and not by Kestrel's limit, which cuts the connection of a client that is
    // still sending, so that it never reads why; what is left unread is drained after the answer, up to Kestrel's own limit.
    private static async Task<byte[]?> ReadToEndAsync(HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            if (read.Buffer.Length > maxBytes)
            {
                reader.AdvanceTo(read.Buffer.End);
                return null;
            }

            if (read.IsCompleted)
            {
                var bytes = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return bytes;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>Takes these bytes for the body.</summary>
    public static JsonBody Parse(byte[] bytes)
    {
        // The parser checks the UTF-8 of a string only once it is read; a raw value is passed on unread.
        if (!Utf8.IsValid(bytes))
            return new(ErrorCatalogue.InvalidRequest);

        try
        {
            var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = MaxDepth });
            if (IsReadableObject(document.RootElement))
                return new(document);

            document.Dispose();
        }
        catch (JsonException)
        {
            // Not JSON: the same answer as for JSON that is no object.
        }

        return new(ErrorCatalogue.InvalidRequest);
    }
}
