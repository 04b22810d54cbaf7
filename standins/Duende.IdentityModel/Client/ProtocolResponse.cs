using System.Net;
using System.Text.Json;

namespace Duende.IdentityModel.Client;

/// <summary>The answer to a request of the protocol. Failures are told, not thrown.</summary>
public class ProtocolResponse
{
    /// <summary>Reads an HTTP answer.</summary>
    /// <param name="httpResponse">The answer.</param>
    /// <param name="initializationData">What the kind of response needs to check it, or the error's sentence.</param>
    public static async Task<T> FromHttpResponseAsync<T>(HttpResponseMessage httpResponse, object? initializationData = null)
        where T : ProtocolResponse, new()
    {
        ArgumentNullException.ThrowIfNull(httpResponse);
        var response = new T
        {
            HttpResponse = httpResponse,
            ErrorType = httpResponse.IsSuccessStatusCode ? ResponseErrorType.None
                : httpResponse.StatusCode is HttpStatusCode.BadRequest ? ResponseErrorType.Protocol
                : ResponseErrorType.Http,
        };

        try
        {
            response.Raw = await httpResponse.Content.ReadAsStringAsync();
            if (response.Raw.Length > 0)
                response.Json = JsonDocument.Parse(response.Raw).RootElement;
        }
        catch (JsonException) when (response.ErrorType is ResponseErrorType.Http)
        {
            // Whoever stands before the server may answer an error in another format.
        }
        catch (Exception exception) when (exception is JsonException or HttpRequestException or IOException)
        {
            response.ErrorType = ResponseErrorType.Exception;
            response.Exception = exception;
        }

        await response.InitializeAsync(initializationData);
        return response;
    }

    /// <summary>Tells of a request that got no answer.</summary>
    public static T FromException<T>(Exception ex, string? errorMessage = null)
        where T : ProtocolResponse, new() =>
        new() { Exception = ex, ErrorType = ResponseErrorType.Exception, ErrorMessage = errorMessage };

    /// <summary>The HTTP answer, where there was one.</summary>
    public HttpResponseMessage? HttpResponse { get; set; }

    /// <summary>Its body.</summary>
    public string? Raw { get; set; }

    /// <summary>Its body as JSON.</summary>
    public JsonElement? Json { get; set; }

    /// <summary>What was thrown on the way.</summary>
    public Exception? Exception { get; set; }

    /// <summary>What kind of thing went wrong.</summary>
    public ResponseErrorType ErrorType { get; set; } = ResponseErrorType.None;

    /// <summary>Whether something did.</summary>
    public bool IsError => !string.IsNullOrWhiteSpace(Error) || ErrorType is not ResponseErrorType.None;

    /// <summary>The status, or 0 where there was no answer.</summary>
    public HttpStatusCode HttpStatusCode => HttpResponse?.StatusCode ?? default;

    /// <summary>The reason phrase.</summary>
    public string? HttpErrorReason => HttpResponse?.ReasonPhrase;

    /// <summary>What went wrong, in words; a protocol error's code.</summary>
    public string? Error => !string.IsNullOrWhiteSpace(ErrorMessage) ? ErrorMessage : ErrorType switch
    {
        ResponseErrorType.Http => HttpErrorReason,
        ResponseErrorType.Exception => Exception?.Message,
        _ => TryGet(OidcConstants.TokenResponse.Error),
    };

    /// <summary>Says more than <see cref="ErrorType"/> does.</summary>
    protected string? ErrorMessage { get; set; }

    /// <summary>A member of the body as text, or null.</summary>
    public string? TryGet(string name) =>
        Json is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty(name, out var value) ? value.ToString() : null;

    /// <summary>Checks and completes the response, once its body is there.</summary>
    protected virtual Task InitializeAsync(object? initializationData = null) => Task.CompletedTask;
}
