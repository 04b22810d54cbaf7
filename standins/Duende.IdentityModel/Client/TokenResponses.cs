using System.Globalization;
using System.Security.Claims;
using System.Text.Json;

namespace Duende.IdentityModel.Client;

/// <summary>A token, or why there is none.</summary>
public class TokenResponse : ProtocolResponse
{
    /// <summary>The access token.</summary>
    public string? AccessToken => TryGet(OidcConstants.TokenResponse.AccessToken);

    /// <summary>What it grants.</summary>
    public string? Scope => TryGet(OidcConstants.TokenResponse.Scope);

    /// <summary>How it is presented.</summary>
    public string? TokenType => TryGet(OidcConstants.TokenResponse.TokenType);

    /// <summary>What the next one is asked for with.</summary>
    public string? RefreshToken => TryGet(OidcConstants.TokenResponse.RefreshToken);

    /// <summary>More about the error.</summary>
    public string? ErrorDescription => TryGet(OidcConstants.TokenResponse.ErrorDescription);

    /// <summary>In how many seconds it expires.</summary>
    public int ExpiresIn =>
        int.TryParse(TryGet(OidcConstants.TokenResponse.ExpiresIn), NumberStyles.Integer, CultureInfo.InvariantCulture, out var seconds) ? seconds : 0;
}

/// <summary>What is known of a token.</summary>
public class TokenIntrospectionResponse : ProtocolResponse
{
    /// <summary>Whether it is valid.</summary>
    public bool IsActive => Json is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("active", out var active) && active.GetBoolean();

    /// <summary>What it says.</summary>
    public IEnumerable<Claim> Claims => Json is { ValueKind: JsonValueKind.Object } json
        ? json.EnumerateObject().Where(member => member.Name != "active").Select(member => new Claim(member.Name, member.Value.ToString()))
        : [];
}

/// <summary>Whether a token was revoked.</summary>
public class TokenRevocationResponse : ProtocolResponse;

/// <summary>Who the user is.</summary>
public class UserInfoResponse : ProtocolResponse
{
    /// <summary>What is told of the user.</summary>
    public IEnumerable<Claim> Claims => Json is { ValueKind: JsonValueKind.Object } json
        ? json.EnumerateObject().Select(member => new Claim(member.Name, member.Value.ToString()))
        : [];
}
