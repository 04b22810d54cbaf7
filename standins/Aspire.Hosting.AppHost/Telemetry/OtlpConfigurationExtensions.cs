using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;
using Aspire.Hosting.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>Tells a process where its telemetry goes, and what it is called there.</summary>
public static class OtlpConfigurationExtensions
{
    public static IResourceBuilder<T> WithOtlpExporter<T>(this IResourceBuilder<T> builder) where T : IResourceWithEnvironment
    {
        var configuration = builder.ApplicationBuilder.Configuration;
        var development = builder.ApplicationBuilder.Environment.IsDevelopment();
        return builder.WithEnvironment(async context =>
        {
            var variables = context.EnvironmentVariables;
            var sink = context.ExecutionContext.ServiceProvider.GetRequiredService<OtlpSink>();
            variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = await sink.AddressAsync();
            variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc";
            variables["OTEL_SERVICE_NAME"] = context.Resource.Name;
            variables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={ResourceInstance.Current?.Key ?? context.Resource.Name}";
            if (configuration["AppHost:OtlpApiKey"] is { } key)
                variables["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={key}";
            if (development)
                AddDevelopment(variables);
        });
    }

    internal static IResourceBuilder<ProjectResource> WithProjectTelemetry(this IResourceBuilder<ProjectResource> builder)
    {
        builder.WithEnvironment("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "in_memory");
        if (builder.ApplicationBuilder.Environment.IsDevelopment())
        {
            builder.WithEnvironment("OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION", "true");
            builder.WithEnvironment("OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION", "true");
        }

        // One line for each entry: here the lines of all processes run together.
        return builder.WithOtlpExporter()
            .WithEnvironment("LOGGING__CONSOLE__FORMATTERNAME", "simple")
            .WithEnvironment("LOGGING__CONSOLE__FORMATTEROPTIONS__SINGLELINE", "true");
    }

    // A developer wants to see at once, and all of it.
    private static void AddDevelopment(Dictionary<string, object> variables)
    {
        const string Milliseconds = "1000";
        variables["OTEL_BLRP_SCHEDULE_DELAY"] = Milliseconds;
        variables["OTEL_BSP_SCHEDULE_DELAY"] = Milliseconds;
        variables["OTEL_METRIC_EXPORT_INTERVAL"] = Milliseconds;
        variables["OTEL_TRACES_SAMPLER"] = "always_on";
        variables["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
    }
}
