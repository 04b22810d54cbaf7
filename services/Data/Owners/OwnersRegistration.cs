namespace KvAspire.Data.Owners;

/// <summary>Registers what is done with owners as a whole.</summary>
internal static class OwnersRegistration
{
    /// <summary>Adds it.</summary>
    public static WebApplicationBuilder AddOwners(this WebApplicationBuilder builder)
    {
        builder.Services.AddAuthorizationBuilder().AddPolicy(OwnersApi.Policy, policy => policy.RequireAuthenticatedUser().RequireAssertion(
            static context => context.User.FindFirst("scope")?.Value.Split(' ').Contains(OwnersApi.Policy) is true));
        builder.Services
            .AddSingleton<CacheErasure>()
            .AddSingleton<OwnerErasure>()
            .AddHostedService<ErasureAfterwards>();
        return builder;
    }
}
