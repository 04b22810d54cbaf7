namespace KvAspire.Data.Watch;

/// <summary>Registers the watch.</summary>
internal static class WatchRegistration
{
    /// <summary>Adds what watches stand on, and the ways that news of changes take.</summary>
    public static WebApplicationBuilder AddWatch(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<WatchOptions>().BindConfiguration(WatchOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services
            .AddSingleton<WatchedOwners>()
            .AddSingleton<ChangeNews>()
            .AddHostedService<ChangeNotifier>()
            .AddHostedService<ChangeListener>()
            .AddHostedService<ChangePoll>();
        return builder;
    }
}
