using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Signals = OpenTelemetry.OpenTelemetryBuilderSdkExtensions;

namespace OpenTelemetry;

/// <summary>Configures the SDK. The SDK package's extension methods do the work; these only keep the type while chaining.</summary>
public sealed class OpenTelemetryBuilder(IServiceCollection services) : IOpenTelemetryBuilder
{
    /// <inheritdoc/>
    public IServiceCollection Services { get; } = services;

    /// <summary>Describes the process that the telemetry comes from.</summary>
    public OpenTelemetryBuilder ConfigureResource(Action<ResourceBuilder> configure) => Chain(Signals.ConfigureResource(this, configure));

    /// <summary>Adds tracing.</summary>
    public OpenTelemetryBuilder WithTracing() => Chain(Signals.WithTracing(this));

    /// <summary>Adds tracing.</summary>
    public OpenTelemetryBuilder WithTracing(Action<TracerProviderBuilder> configure) => Chain(Signals.WithTracing(this, configure));

    /// <summary>Adds metrics.</summary>
    public OpenTelemetryBuilder WithMetrics() => Chain(Signals.WithMetrics(this));

    /// <summary>Adds metrics.</summary>
    public OpenTelemetryBuilder WithMetrics(Action<MeterProviderBuilder> configure) => Chain(Signals.WithMetrics(this, configure));

    /// <summary>Adds logging.</summary>
    public OpenTelemetryBuilder WithLogging() => Chain(Signals.WithLogging(this));

    /// <summary>Adds logging.</summary>
    public OpenTelemetryBuilder WithLogging(
        Action<LoggerProviderBuilder>? configureBuilder, Action<OpenTelemetryLoggerOptions>? configureOptions) =>
        Chain(Signals.WithLogging(this, configureBuilder, configureOptions));

    private OpenTelemetryBuilder Chain(IOpenTelemetryBuilder _) => this;
}
