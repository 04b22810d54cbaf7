namespace Duende.IdentityModel.Client;

/// <summary>Asks for tokens.</summary>
public static class HttpClientTokenRequestExtensions
{
    /// <summary>Asks for a token of the client's own.</summary>
    public static Task<TokenResponse> RequestClientCredentialsTokenAsync(
        this HttpMessageInvoker client, ClientCredentialsTokenRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Requests.PostFormAsync<TokenResponse>(client, request, cancellationToken,
            (OidcConstants.TokenRequest.GrantType, OidcConstants.GrantTypes.ClientCredentials),
            (OidcConstants.TokenRequest.Scope, request.Scope));
    }

    /// <summary>Asks for a token with a user's password.</summary>
    public static Task<TokenResponse> RequestPasswordTokenAsync(
        this HttpMessageInvoker client, PasswordTokenRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Requests.PostFormAsync<TokenResponse>(client, request, cancellationToken,
            (OidcConstants.TokenRequest.GrantType, OidcConstants.GrantTypes.Password),
            (OidcConstants.TokenRequest.UserName, request.UserName),
            (OidcConstants.TokenRequest.Password, request.Password),
            (OidcConstants.TokenRequest.Scope, request.Scope));
    }

    /// <summary>Asks for the next token.</summary>
    public static Task<TokenResponse> RequestRefreshTokenAsync(
        this HttpMessageInvoker client, RefreshTokenRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Requests.PostFormAsync<TokenResponse>(client, request, cancellationToken,
            (OidcConstants.TokenRequest.GrantType, OidcConstants.GrantTypes.RefreshToken),
            (OidcConstants.TokenRequest.RefreshToken, request.RefreshToken),
            (OidcConstants.TokenRequest.Scope, request.Scope));
    }
}

/// <summary>Asks what a token is.</summary>
public static class HttpClientTokenIntrospectionExtensions
{
    /// <summary>Asks what a token is.</summary>
    public static Task<TokenIntrospectionResponse> IntrospectTokenAsync(
        this HttpMessageInvoker client, TokenIntrospectionRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Requests.PostFormAsync<TokenIntrospectionResponse>(client, request, cancellationToken,
            (OidcConstants.TokenIntrospectionRequest.Token, request.Token),
            (OidcConstants.TokenIntrospectionRequest.TokenTypeHint, request.TokenTypeHint));
    }
}

/// <summary>Revokes tokens.</summary>
public static class HttpClientTokenRevocationExtensions
{
    /// <summary>Revokes a token.</summary>
    public static Task<TokenRevocationResponse> RevokeTokenAsync(
        this HttpMessageInvoker client, TokenRevocationRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Requests.PostFormAsync<TokenRevocationResponse>(client, request, cancellationToken,
            (OidcConstants.TokenIntrospectionRequest.Token, request.Token),
            (OidcConstants.TokenIntrospectionRequest.TokenTypeHint, request.TokenTypeHint));
    }
}

/// <summary>Asks who the user is.</summary>
public static class HttpClientUserInfoExtensions
{
    /// <summary>Asks who the user is.</summary>
    public static Task<UserInfoResponse> GetUserInfoAsync(
        this HttpMessageInvoker client, UserInfoRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(request);
        request.Method = HttpMethod.Get;
        request.Prepare();
        request.Headers.Authorization = new("Bearer", request.Token);
        return Requests.SendAsync<UserInfoResponse>(client, request, cancellationToken);
    }
}

/// <summary>Sends requests of the protocol.</summary>
internal static class Requests
{
    public static Task<T> PostFormAsync<T>(
        HttpMessageInvoker client, ProtocolRequest request, CancellationToken cancellationToken, params (string Name, string? Value)[] fields)
        where T : ProtocolResponse, new()
    {
        foreach (var (name, value) in fields)
            request.Parameters.AddOptional(name, value);

        request.Method = HttpMethod.Post;
        request.Prepare();
        return SendAsync<T>(client, request, cancellationToken);
    }

    public static async Task<T> SendAsync<T>(HttpMessageInvoker client, ProtocolRequest request, CancellationToken cancellationToken)
        where T : ProtocolResponse, new()
    {
        try
        {
            return await ProtocolResponse.FromHttpResponseAsync<T>(await client.SendAsync(request, cancellationToken));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return ProtocolResponse.FromException<T>(exception);
        }
    }
}
