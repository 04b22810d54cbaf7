using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace KvAspire.Identity.Passwords;

/// <summary>Registers the password policy and the hashing.</summary>
internal static class PasswordsRegistration
{
    public static IServiceCollection AddPasswords(this IServiceCollection services)
    {
        services.AddOptions<HashingOptions>()
            .BindConfiguration(HashingOptions.Section)
            .Validate(
                options => options.Iterations is >= 1_000 and <= 10_000_000,
                "Set Passwords:Iterations to 1,000 to 10,000,000, or leave it out.")
            .Validate(
                options => options.Concurrency is >= 0 and <= 1024 && options.MaxWaiting > 0 && options.MaxWaitingPerAddress > 0,
                "Set Passwords:Concurrency to 0 to 1024, and Passwords:MaxWaiting and MaxWaitingPerAddress above 0, or leave them out.")
            .ValidateOnStart();
        services.AddOptions<PasswordHasherOptions>()
            .Configure<IOptions<HashingOptions>>((hasher, passwords) => hasher.IterationCount = passwords.Value.Iterations);

        return services
            .AddSingleton<IPasswordHasher<Users.User>, PasswordHasher<Users.User>>()
            .AddSingleton<HashQueue>()
            .AddSingleton<PasswordHashing>()
            .AddSingleton<CommonPasswords>()
            .AddSingleton<PasswordPolicy>();
    }
}
