using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Identity.SigningKeys;

/// <summary>Registers the signing keys.</summary>
internal static class SigningKeysRegistration
{
    public static IServiceCollection AddSigningKeys(this IServiceCollection services)
    {
        services.AddOptions<SigningKeyOptions>()
            .BindConfiguration(SigningKeyOptions.Section)
            .Validate(
                options => options.EncryptionKey is { Length: >= SigningKeyOptions.MinLength },
                "Set SigningKeys:EncryptionKey (in the environment: SigningKeys__EncryptionKey) to a secret of at least "
                + $"{SigningKeyOptions.MinLength} characters; it encrypts the signing keys at rest.")
            .Validate(
                options => options.AreSound,
                "SigningKeys:AnnounceNow must be 5 seconds or more, SigningKeys:Announce no less than that, and SigningKeys:RotateEvery longer.")
            .ValidateOnStart();
        services.AddOptions<OperatorOptions>()
            .BindConfiguration(OperatorOptions.Section)
            .Validate(options => options.Secret.Length is 0 or >= 20, "Set Operator:Secret to 20 characters or more, or leave it out.")
            .ValidateOnStart();

        services.AddHealthChecks().AddCheck<SigningKeyHealthCheck>("signing-keys");
        return services
            .AddSingleton<KeyEncryption>()
            .AddSingleton<SigningKeyRing>()
            .AddSingleton<ITokenKeySource>(provider => provider.GetRequiredService<SigningKeyRing>())
            .AddScoped<SigningKeyStore>()
            .AddHostedService<SigningKeyLoader>();
    }
}
