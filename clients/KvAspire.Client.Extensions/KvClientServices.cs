using KvAspire.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers <see cref="KvClient"/> as a singleton, so that all callers share its token.</summary>
public static class KvClientServices
{
    /// <summary>Adds a client. The settings are validated when the application starts.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets at least the address and the credentials.</param>
    /// <returns>The builder of the HTTP client below, for handlers of the application.</returns>
    public static IHttpClientBuilder AddKvClient(this IServiceCollection services, Action<KvClientSettings> configure) =>
        Add(services, Options.Options.DefaultName, configure, (name, create) => services.TryAddSingleton(provider => create(provider)));

    /// <summary>Adds a client with the settings of a configuration section, such as <c>KvAspire:Client</c>.</summary>
    /// <inheritdoc cref="AddKvClient(IServiceCollection, Action{KvClientSettings})"/>
    public static IHttpClientBuilder AddKvClient(this IServiceCollection services, IConfiguration section) =>
        services.AddKvClient(settings => settings.Bind(section));

    /// <summary>Adds a client that is injected with <c>[FromKeyedServices(name)]</c>.</summary>
    /// <inheritdoc cref="AddKvClient(IServiceCollection, Action{KvClientSettings})"/>
    public static IHttpClientBuilder AddKeyedKvClient(this IServiceCollection services, string name, Action<KvClientSettings> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Add(services, name, configure, (name, create) => services.TryAddKeyedSingleton(name, (provider, _) => create(provider)));
    }

    private static IHttpClientBuilder Add(
        IServiceCollection services, string name, Action<KvClientSettings> configure, Action<string, Func<IServiceProvider, KvClient>> register)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<KvClientSettings>(name).Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<KvClientSettings>, KvClientValidation>());
        register(name, provider => Create(provider, name));
        return KvHttp.Add(services, name);
    }

    // The handler repeats requests and limits their time, so the client does neither.
    private static KvClient Create(IServiceProvider provider, string name)
    {
        var settings = provider.GetRequiredService<IOptionsMonitor<KvClientSettings>>().Get(name);
        var handler = provider.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(KvHttp.NameOf(name));
        return new(settings.Address!, settings.AllCredentials().Single(), new()
        {
            Values = settings.Values,
            MaxRetries = 0,
            AttemptTimeout = Timeout.InfiniteTimeSpan,
            RenewBefore = settings.RenewBefore,
            WatchSilence = settings.WatchSilence,
        }, handler);
    }
}
