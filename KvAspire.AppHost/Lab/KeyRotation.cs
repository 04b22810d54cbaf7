using System.Globalization;

namespace KvAspire.AppHost.Lab;

/// <summary>Announces the next signing key. Repeats find it announced.</summary>
internal static class KeyRotation
{
    public static LabCommand Of(IResourceBuilder<ProjectResource> identity, OperatorRequests requests) => new(
        "rotate-signing-keys", "Rotate the signing keys", "KeyMultiple",
        "Announces the next signing key, which signs 15 seconds later. Tokens of the key before stay valid.",
        async context =>
        {
            var next = await requests.PostAsync(identity.GetEndpoint("http"), "/internal/signing-keys/rotate", context.CancellationToken);
            var signsFrom = DateTimeOffset.Parse(next["signs_from"]!.GetValue<string>(), CultureInfo.InvariantCulture);
            return new(
                string.Create(CultureInfo.InvariantCulture, $"The key {next["key_id"]} is announced. It signs from {signsFrom:HH:mm:ss} UTC."),
                "The gateway's `/.well-known/jwks.json`: one more key.",
                "Metric `kvaspire.signing_key.age` of identity: it falls to 0 when the new key signs.",
                "Metric `kvaspire.access_tokens.refused`: it does not rise. A rotation refuses no valid token.");
        });
}
