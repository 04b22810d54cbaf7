using KvAspire.ServiceDefaults.Telemetry.Metrics;
using Microsoft.AspNetCore.Identity;

namespace KvAspire.Identity.Passwords;

internal static class PasswordsSetup
{
    public static IServiceCollection AddPasswords(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<HashingOptions>()
            .BindConfiguration(HashingOptions.Section)
            .Validate(
                options => options.Iterations is >= 1_000 and <= 10_000_000,
                "Set Passwords:Iterations to 1,000 to 10,000,000, or leave it out.")
            .Validate(
                options => options.Concurrency is >= 0 and <= 1024 && options.MaxWaiting > 0 && options.MaxWaitingPerAddress > 0,
                "Set Passwords:Concurrency to 0 to 1024, and Passwords:MaxWaiting and MaxWaitingPerAddress above 0, or leave them out.");
        services.AddOptions<PasswordHasherOptions>()
            .Configure<IOptions<HashingOptions>>((hasher, passwords) => hasher.IterationCount = passwords.Value.Iterations);

        return services
            .AddSingleton<IPasswordHasher<Users.User>, PasswordHasher<Users.User>>()
            .AddSingleton<HashQueue>()
            .AddInstruments<HashMetrics>()
            .AddInstruments<HashQueueMetrics>()
            .AddSingleton<PasswordHashing>()
            .AddSingleton<CommonPasswords>()
            .AddSingleton<PasswordPolicy>();
    }
}
