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
                $"Set SigningKeys:EncryptionKey (in the environment: SigningKeys__EncryptionKey) to a secret of at least {SigningKeyOptions.MinLength} characters; it encrypts the signing keys at rest.")
            .ValidateOnStart();

        services.AddHealthChecks().AddCheck<SigningKeyHealthCheck>("signing-keys");
        return services
            .AddSingleton<KeyEncryption>()
            .AddSingleton<SigningKeyRing>()
            .AddScoped<SigningKeyStore>()
            .AddHostedService<SigningKeyLoader>();
    }
}
