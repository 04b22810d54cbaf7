using System.Diagnostics;
using KvAspire.ServiceDefaults.Telemetry.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>
/// Logs, traces and metrics by OpenTelemetry, exported over OTLP where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, and
/// metrics served to Prometheus where <c>Metrics:Port</c> is set. <c>AddNpgsqlDbContext</c> adds Npgsql's, <c>AddRedis</c> adds the spans of Redis.
/// </summary>
internal static class TelemetrySetup
{
    // The meters of memory pools, routing and authorization are left out: they cost every request, and no panel or alert uses them.
    private static readonly string[] ServerMeters = ["Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Diagnostics"];

    public static WebApplicationBuilder AddTelemetry(this WebApplicationBuilder builder)
    {
        var options = builder.Configuration.GetSection(TracingOptions.Section).Get<TracingOptions>() ?? new();
        if (!options.AreValid)
        {
            throw new OptionsValidationException(TracingOptions.Section, typeof(TracingOptions),
                ["Set Telemetry:TracesPerSecond and Telemetry:KeptErrorsPerSecond to 0 to 1,000,000, and Telemetry:SlowRequest to more than 0."]);
        }

        var metricsOptions = (builder.Configuration.GetSection(MetricsOptions.Section).Get<MetricsOptions>() ?? new()).Validate();
        builder.Services.AddSingleton(Options.Create(metricsOptions));

        // The default propagator reads the trace context of every caller. This one leaves that to ASP.NET Core's propagator,
        // which the gateway replaces.
        Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());
        DistributedContextPropagator.Current = new UnrecordedParents(DistributedContextPropagator.CreateDefaultPropagator());

        var telemetry = builder.Services.AddOpenTelemetry()
            .WithTracing(tracing => tracing
                .SetSampler(new TraceSampler(options, TimeProvider.System))
                .AddSource(builder.Environment.ApplicationName, BackgroundRound.SourceName, RequestSpan.SourceName, "Yarp.ReverseProxy")
                .AddAspNetCoreInstrumentation(requests => requests.Filter = context => !UntracedRequests.ByPath(context))
                .AddHttpClientInstrumentation(CallSpans.Configure)
                .AddProcessor<PrivateTags>())
            .WithMetrics(metrics => metrics
                .AddMeter(builder.Environment.ApplicationName, "Polly")
                .AddMeter(ServerMeters)
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .SetExemplarFilter(ExemplarFilterType.TraceBased)
                .AddMetricsEndpoint(builder, metricsOptions.Endpoint))
            .WithLogging(_ => { }, logging => logging.IncludeFormattedMessage = true);

        // At any configured level: below Warning these categories log paths, and a path contains a key.
        foreach (var category in new[] { "Microsoft.AspNetCore", "System.Net.Http", "Yarp" })
            builder.Logging.AddFilter<OpenTelemetryLoggerProvider>(category, LogLevel.Warning);

        if (!string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            telemetry.UseOtlpExporter();
            builder.Services
                .AddSingleton(services => ActivatorUtilities.CreateInstance<KeptRequests>(services, options, TimeProvider.System))
                .AddHostedService(services => services.GetRequiredService<KeptRequests>());
        }

        return builder;
    }
}
