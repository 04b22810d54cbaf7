using KvAspire.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds <see cref="KvClient"/> to an application of .NET Aspire.</summary>
public static class AspireKvClient
{
    private const string Section = "KvAspire:Client";

    /// <summary>
    /// Adds a client, its health check, its spans and its metrics. Settings come from the section <c>KvAspire:Client</c>, then from
    /// its section with the connection's name, then from the connection string, then from <paramref name="configureSettings"/>.
    /// Without an address, service discovery finds the service that has the connection's name.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="connectionName">The name of the connection string or service.</param>
    /// <param name="configureSettings">Changes settings.</param>
    /// <returns>The builder of the HTTP client below, for handlers of the application.</returns>
    public static IHttpClientBuilder AddKvClient(
        this IHostApplicationBuilder builder, string connectionName, Action<KvClientSettings>? configureSettings = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);
        return Add(builder, connectionName, null, configureSettings);
    }

    /// <summary>Adds a client that is injected with <c>[FromKeyedServices(name)]</c>.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The key of the service, and the name of the connection string or service.</param>
    /// <param name="configureSettings">Changes settings.</param>
    /// <inheritdoc cref="AddKvClient"/>
    public static IHttpClientBuilder AddKeyedKvClient(
        this IHostApplicationBuilder builder, string name, Action<KvClientSettings>? configureSettings = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Add(builder, name, name, configureSettings);
    }

    private static IHttpClientBuilder Add(IHostApplicationBuilder builder, string connectionName, string? key, Action<KvClientSettings>? configureSettings)
    {
        // 1. The settings, which also say what to add.
        void Configure(KvClientSettings settings)
        {
            settings.Bind(builder.Configuration.GetSection(Section));
            settings.Bind(builder.Configuration.GetSection($"{Section}:{connectionName}"));
            if (builder.Configuration.GetConnectionString(connectionName) is { Length: > 0 } connection)
                KvConnectionString.Apply(settings, connection);
            settings.Address ??= new Uri($"https+http://{connectionName}");
            configureSettings?.Invoke(settings);
        }

        var added = new KvClientSettings();
        Configure(added);

        // 2. The client, on service discovery.
        builder.Services.AddServiceDiscovery();
        var http = key is null ? builder.Services.AddKvClient(Configure) : builder.Services.AddKeyedKvClient(key, Configure);
        http.AddServiceDiscovery();

        // 3. What operators look at.
        if (!added.DisableHealthChecks)
            builder.Services.AddHealthChecks().AddKvClient(key);
        if (!added.DisableTracing)
            builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddSource(KvTelemetry.Name));
        if (!added.DisableMetrics)
            builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter(KvTelemetry.Name));
        return http;
    }
}
