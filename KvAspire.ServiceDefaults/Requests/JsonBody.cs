using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using KvAspire.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Http;

namespace KvAspire.ServiceDefaults.Requests;

/// <summary>
/// A request body that must be one JSON object (RFC 8259) in UTF-8. Endpoints read its fields themselves: types are checked
/// instead of coerced, and each endpoint has its own error codes. Members that it does not know are ignored, unless the client
/// prefers otherwise (<see cref="StrictHandling"/>).
/// </summary>
public sealed class JsonBody : IDisposable
{
    /// <summary>How deep a body may be nested: enough for real values, and too little to overflow a stack by recursion.</summary>
    public const int MaxDepth = 64;

    private static readonly ApiError TooDeep = ErrorCatalogue.InvalidRequest with
    {
        Message = $"Invalid request. The body may be nested at most {MaxDepth} levels deep.",
    };

    private static readonly ApiError HalfSurrogate = ErrorCatalogue.InvalidRequest with
    {
        Message = "Invalid request. A name in the body has half of a surrogate pair, which is no text.",
    };

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private readonly JsonDocument? document;

    private JsonBody(JsonDocument document) => this.document = document;

    private JsonBody(ApiError error) => Error = error;

    /// <summary><c>INVALID_REQUEST</c>, <c>UNSUPPORTED_MEDIA_TYPE</c>, <c>PAYLOAD_TOO_LARGE</c>, or null.</summary>
    public ApiError? Error { get; }

    /// <summary>The object, until this is disposed. Only where <see cref="Error"/> is null.</summary>
    public JsonElement Root => document!.RootElement;

    /// <summary>Reads the body up to <paramref name="maxBytes"/>.</summary>
    public static async Task<JsonBody> ReadAsync(HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        if (!JsonMediaType.Matches(request.ContentType))
            return new(ErrorCatalogue.UnsupportedMediaType);
        if (ContentCoding.IsRefused(request))
            return new(ContentCoding.Refusal);
        if (request.ContentLength > maxBytes)
            return new(ErrorCatalogue.PayloadTooLarge);

        try
        {
            if (await ReadToEndAsync(request, maxBytes, cancellationToken) is not { } bytes)
                return new(ErrorCatalogue.PayloadTooLarge);

            var body = Parse(bytes);
            return StrictHandling.IsAskedFor(request) ? body.Strictly(request.HttpContext) : body;
        }
        catch (BadHttpRequestException exception)
        {
            return new(ErrorCatalogue.ForStatus(exception.StatusCode));
        }
        catch (IOException)
        {
            // A chunk size that overflows Kestrel's number, or a client that is gone.
            return new(ErrorCatalogue.InvalidRequest);
        }
    }

    /// <summary>
    /// Whether the value is an object with readable names. A name with an escaped unpaired surrogate parses, but throws at every
    /// look-up of a member. Nested objects need this check too before their members are read.
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

    private JsonBody Strictly(HttpContext context)
    {
        if (Error is not null || StrictHandling.Check(context, Root) is not { } unknown)
            return this;

        Dispose();
        return new(unknown);
    }

    // Null where the body is too large. Kestrel's own limit would cut the connection while the client sends, so that the client
    // never reads the error. Kestrel drains the rest of the body after the response, up to its own limit.
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

    /// <summary>Parses a body that was read already.</summary>
    public static JsonBody Parse(byte[] bytes)
    {
        // The parser checks the UTF-8 of strings only when they are read, and raw values are stored unread.
        if (!Utf8.IsValid(bytes))
            return new(ErrorCatalogue.InvalidRequest);

        // Some editors and clients begin a text with a byte order mark. RFC 8259 (section 8.1) allows to ignore it.
        var json = bytes.AsMemory(bytes.AsSpan().StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0);
        try
        {
            var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
            if (IsReadableObject(document.RootElement))
                return new(document);

            var isObject = document.RootElement.ValueKind is JsonValueKind.Object;
            document.Dispose();
            return new(isObject ? HalfSurrogate : ErrorCatalogue.InvalidRequest);
        }
        catch (JsonException)
        {
            return new(IsTooDeep(json.Span) ? TooDeep : ErrorCatalogue.InvalidRequest);
        }
    }

    private static bool IsTooDeep(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth + 1 });
        try
        {
            while (reader.Read())
            {
                if (reader is { CurrentDepth: MaxDepth, TokenType: JsonTokenType.StartObject or JsonTokenType.StartArray })
                    return true;
            }
        }
        catch (JsonException)
        {
            // It is no JSON even before it is too deep.
        }

        return false;
    }
}
