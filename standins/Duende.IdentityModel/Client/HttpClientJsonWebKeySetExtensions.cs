using System.Net.Http.Headers;

namespace Duende.IdentityModel.Client;

/// <summary>Fetches key sets.</summary>
public static class HttpClientJsonWebKeySetExtensions
{
    /// <summary>Fetches a JWK set (RFC 7517).</summary>
    public static async Task<JsonWebKeySetResponse> GetJsonWebKeySetAsync(
        this HttpMessageInvoker client, string? address = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        using var request = new ProtocolRequest
        {
            Method = HttpMethod.Get,
            RequestUri = address is null ? null : new Uri(address, UriKind.RelativeOrAbsolute),
        };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/jwk-set+json"));

        try
        {
            var response = await client.SendAsync(request, cancellationToken);
            return await ProtocolResponse.FromHttpResponseAsync<JsonWebKeySetResponse>(
                response, response.IsSuccessStatusCode ? null : $"Error connecting to {request.RequestUri}: {response.ReasonPhrase}");
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return ProtocolResponse.FromException<JsonWebKeySetResponse>(
                exception, $"Error connecting to {request.RequestUri}. {exception.Message}.");
        }
    }
}
