using Duende.IdentityModel.Jwk;

namespace Duende.IdentityModel.Client;

/// <summary>A key set, or what is wrong with it.</summary>
public class JsonWebKeySetResponse : ProtocolResponse
{
    /// <summary>The keys.</summary>
    public JsonWebKeySet? KeySet { get; set; }

    /// <inheritdoc/>
    protected override Task InitializeAsync(object? initializationData = null)
    {
        if (HttpResponse?.IsSuccessStatusCode is true)
            KeySet = new JsonWebKeySet(Raw ?? "");
        else
            ErrorMessage = initializationData as string;

        return Task.CompletedTask;
    }
}
