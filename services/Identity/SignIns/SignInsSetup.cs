namespace KvAspire.Identity.SignIns;

internal static class SignInsSetup
{
    public static IServiceCollection AddSignIns(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<LockoutOptions>()
            .BindConfiguration(LockoutOptions.Section)
            .Validate(
                options => options.FreeAttempts >= 1 && options.SiegeAt >= 1 && options.FirstWait > TimeSpan.Zero
                    && options.LongestWait >= options.FirstWait && options.LongestWait <= TimeSpan.FromDays(1)
                    && options.Memory >= options.LongestWait,
                "Set Lockout:FreeAttempts and SiegeAt to at least 1, FirstWait above 0, LongestWait to at least FirstWait and at most "
                + "a day, and Memory to at least LongestWait, or leave them out.")
            .Validate(
                options => options.RefusedClientsPerMinute is >= 0 and <= 1_000_000,
                "Set Lockout:RefusedClientsPerMinute to between 0 and 1000000, or leave it out.");

        return services
            .AddScoped<Lockout>()
            .AddScoped<SignIn>()
            .AddHostedService<SignInWarmUp>();
    }
}
