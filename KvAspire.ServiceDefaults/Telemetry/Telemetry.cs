using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>
/// Logs, traces and metrics by OpenTelemetry, sent over OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set. The sources
/// are those that the framework and the drivers have of their own.
/// </summary>
internal static class TelemetryRegistration
{
    public static WebApplicationBuilder AddTelemetry(this WebApplicationBuilder builder)
    {
        var options = builder.Configuration.GetSection(TelemetryOptions.Section).Get<TelemetryOptions>() ?? new();
        if (!options.IsValid)
            throw new OptionsValidationException(TelemetryOptions.Section, typeof(TelemetryOptions), ["Set Telemetry:TracesPerSecond to 0 to 1,000,000."]);

        var limited = new LimitedSampler(options.TracesPerSecond, TimeProvider.System);
        var telemetry = builder.Services.AddOpenTelemetry()
            .WithTracing(tracing => tracing
                .SetSampler(new ParentBasedSampler(limited, remoteParentSampled: options.FollowsCallers ? new AlwaysOnSampler() : limited))
                .AddSource(builder.Environment.ApplicationName, "Microsoft.AspNetCore", "System.Net.Http", "Yarp.ReverseProxy", "Npgsql")
                .AddProcessor<PrivateTags>()
                .AddProcessor<HealthProbes>())
            .WithMetrics(metrics => metrics
                .AddMeter(builder.Environment.ApplicationName)
                .AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Diagnostics")
                .AddMeter("System.Net.Http", "System.Runtime", "Npgsql", "Polly")
                .SetExemplarFilter(ExemplarFilterType.TraceBased))
            .WithLogging(_ => { }, logging => logging.IncludeFormattedMessage = true);

        // Whatever the log levels are set to: below Warning these write paths, and a path contains a key.
        foreach (var category in new[] { "Microsoft.AspNetCore", "System.Net.Http", "Yarp" })
            builder.Logging.AddFilter<OpenTelemetryLoggerProvider>(category, LogLevel.Warning);

        if (!string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            telemetry.UseOtlpExporter();

        return builder;
    }
}
