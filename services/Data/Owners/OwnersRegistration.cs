namespace KvAspire.Data.Owners;

/// <summary>Registers what is done with owners as a whole.</summary>
internal static class OwnersRegistration
{
    /// <summary>Adds it.</summary>
    public static WebApplicationBuilder AddOwners(this WebApplicationBuilder builder)
    {
        builder.Services
            .AddSingleton<CacheErasure>()
            .AddSingleton<OwnerErasure>()
            .AddHostedService<ErasedOwnersSweeper>();
        return builder;
    }
}
