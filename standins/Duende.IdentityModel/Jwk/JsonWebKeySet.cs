using System.Text.Json;
using System.Text.Json.Serialization;

namespace Duende.IdentityModel.Jwk;

/// <summary>A JWK set (RFC 7517, section 5).</summary>
public class JsonWebKeySet
{
    /// <summary>An empty set.</summary>
    public JsonWebKeySet()
    {
    }

    /// <summary>The set in that text.</summary>
    public JsonWebKeySet(string json)
    {
        Keys = JsonSerializer.Deserialize<JsonWebKeySet>(json)?.Keys ?? [];
        RawData = json;
    }

    /// <summary>The keys.</summary>
    [JsonPropertyName("keys")]
#pragma warning disable CA1002, CA2227 // as in the real package
    public List<JsonWebKey> Keys { get; set; } = [];
#pragma warning restore CA1002, CA2227

    /// <summary>The text that it was read from.</summary>
    [JsonIgnore]
    public string? RawData { get; set; }
}
