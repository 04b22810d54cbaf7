namespace Duende.IdentityModel.Client;

/// <summary>Fetches discovery documents.</summary>
public static class HttpClientDiscoveryExtensions
{
    /// <summary>Fetches the document of an authority, by default of the client's base address, and its keys.</summary>
    public static Task<DiscoveryDocumentResponse> GetDiscoveryDocumentAsync(
        this HttpClient client, string? address = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.GetDiscoveryDocumentAsync(new DiscoveryDocumentRequest { Address = address }, cancellationToken);
    }

    /// <summary>Fetches the document of an authority, by default of the client's base address, and its keys.</summary>
    /// <exception cref="ArgumentException">There is no address.</exception>
    public static async Task<DiscoveryDocumentResponse> GetDiscoveryDocumentAsync(
        this HttpMessageInvoker client, DiscoveryDocumentRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(request);
        var address = !string.IsNullOrWhiteSpace(request.Address) ? request.Address : (client as HttpClient)?.BaseAddress?.AbsoluteUri;
        var endpoint = DiscoveryEndpoint.ParseUrl(
            address ?? throw new ArgumentException("Neither the request nor the client has an address.", nameof(request)),
            request.Policy.DiscoveryDocumentPath);

        if (string.IsNullOrWhiteSpace(request.Policy.Authority))
            request.Policy.Authority = endpoint.Authority;
        if (!DiscoveryEndpoint.IsSecureScheme(new Uri(endpoint.Url), request.Policy))
            return Failed(endpoint.Url, new InvalidOperationException("HTTPS required"), "HTTPS required");

        try
        {
            return await FetchAsync(client, endpoint.Url, request.Policy, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return Failed(endpoint.Url, exception, exception.Message);
        }
    }

    private static async Task<DiscoveryDocumentResponse> FetchAsync(
        HttpMessageInvoker client, string url, DiscoveryPolicy policy, CancellationToken cancellationToken)
    {
        using var request = new ProtocolRequest { Method = HttpMethod.Get, RequestUri = new Uri(url) };
        var response = await client.SendAsync(request, cancellationToken);
        object initializationData = response.IsSuccessStatusCode ? policy : $"Error connecting to {url}: {response.ReasonPhrase}";
        var document = await ProtocolResponse.FromHttpResponseAsync<DiscoveryDocumentResponse>(response, initializationData);
        if (document.IsError || document.JwksUri is not { } keysAddress)
            return document;

        var keys = await client.GetJsonWebKeySetAsync(keysAddress, cancellationToken);
        if (keys.IsError)
            return Failed(keysAddress, keys.Exception ?? new InvalidOperationException(keys.Error), keys.Error);

        document.KeySet = keys.KeySet;
        return document;
    }

    private static DiscoveryDocumentResponse Failed(string url, Exception exception, string? reason) =>
        ProtocolResponse.FromException<DiscoveryDocumentResponse>(exception, $"Error connecting to {url}. {reason}.");
}
