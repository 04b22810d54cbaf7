using KvAspire.ServiceDefaults.Services;
using KvAspire.ServiceDefaults.Telemetry.Metrics;

namespace KvAspire.Identity.SigningKeys;

internal static class SigningKeysSetup
{
    /// <summary>Registers the encryption of secrets at rest.</summary>
    public static IServiceCollection AddKeyEncryption(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<SigningKeyOptions>()
            .BindConfiguration(SigningKeyOptions.Section)
            .Validate(
                options => options.EncryptionKey is { Length: >= SigningKeyOptions.MinLength },
                "Set SigningKeys:EncryptionKey (in the environment: SigningKeys__EncryptionKey) to a secret of at least "
                + $"{SigningKeyOptions.MinLength} characters; it encrypts the signing keys at rest.")
            .Validate(
                options => options.DecryptionKeys.All(key => key.Length >= SigningKeyOptions.MinLength),
                $"Set each of SigningKeys:DecryptionKeys to a secret of at least {SigningKeyOptions.MinLength} characters, or leave them out.")
            .Validate(
                options => options.AreSound,
                "Set SigningKeys:AnnounceNow to at least 5 seconds, Announce to at least AnnounceNow, and RotateEvery above Announce, or leave them out.");
        return services.AddSingleton<KeyEncryption>();
    }

    public static IServiceCollection AddSigningKeys(this IServiceCollection services)
    {
        services.AddOperatorSecret();
        services.AddHealthChecks().AddCheck<SigningKeyHealthCheck>("signing_keys");
        return services
            .AddSingleton<SigningKeyRing>()
            .AddInstruments<SigningKeyMetrics>()
            .AddSingleton<ITokenKeySource>(provider => provider.GetRequiredService<SigningKeyRing>())
            .AddScoped<SigningKeyStore>()
            .AddHostedService<SigningKeyLoader>();
    }
}
