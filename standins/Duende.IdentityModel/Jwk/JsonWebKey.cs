using System.Text.Json.Serialization;

namespace Duende.IdentityModel.Jwk;

/// <summary>A JSON Web Key (RFC 7517), with the members that an RSA key has (RFC 7518, section 6.3).</summary>
public class JsonWebKey
{
    /// <summary>The key type.</summary>
    [JsonPropertyName("kty")]
    public string Kty { get; set; } = default!;

    /// <summary>What it is for.</summary>
    [JsonPropertyName("use")]
    public string Use { get; set; } = default!;

    /// <summary>Its id.</summary>
    [JsonPropertyName("kid")]
    public string Kid { get; set; } = default!;

    /// <summary>The algorithm that it is used with.</summary>
    [JsonPropertyName("alg")]
    public string Alg { get; set; } = default!;

    /// <summary>The modulus.</summary>
    [JsonPropertyName("n")]
    public string N { get; set; } = default!;

    /// <summary>The public exponent.</summary>
    [JsonPropertyName("e")]
    public string E { get; set; } = default!;

    /// <summary>The private exponent, which nobody publishes.</summary>
    [JsonPropertyName("d")]
    public string D { get; set; } = default!;

    /// <summary>Whether the private part is there.</summary>
    [JsonIgnore]
    public bool HasPrivateKey => D is not null;
}
