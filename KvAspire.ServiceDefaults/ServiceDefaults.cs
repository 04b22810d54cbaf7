using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Health;
using KvAspire.ServiceDefaults.Services;
using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace KvAspire.ServiceDefaults;

/// <summary>What all services share: telemetry, health, draining, service discovery, JSON, the error envelope.</summary>
public static class ServiceDefaults
{
    /// <summary>Registers the shared services.</summary>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder)
    {
        // ASPNETCORE_FORWARDEDHEADERS_ENABLED makes ASP.NET Core believe X-Forwarded-* of every peer, ahead of our own pipeline.
        builder.Configuration["ForwardedHeaders_Enabled"] = "false";

        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            // The JSON is never inlined into HTML, so text needs no \u escapes.
            json.SerializerOptions.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        });
        builder.Services.AddUnhandledErrors().AddHealth().AddServiceCalls();
        builder.AddDraining();
        builder.AddTracedConsole();
        return builder.AddTelemetry();
    }

    /// <summary>Adds the shared middleware. First in the pipeline, so that later failures become error envelopes.</summary>
    public static WebApplication UseServiceDefaults(this WebApplication app)
    {
        app.UseUnhandledErrors();
        app.UseDraining();
        app.MapHealth();
        return app;
    }
}
