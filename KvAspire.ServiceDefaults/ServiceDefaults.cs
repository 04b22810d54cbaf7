using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Health;
using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace KvAspire.ServiceDefaults;

/// <summary>What the services must agree on, and nothing else: telemetry, health, JSON, the error envelope.</summary>
public static class ServiceDefaults
{
    /// <summary>Registers it.</summary>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            // Our JSON is never inlined into HTML: text goes out as it is, not as \u escapes.
            json.SerializerOptions.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        });
        builder.Services.AddUnhandledErrors().AddHealth();
        builder.AddDraining();
        return builder.AddTelemetry();
    }

    /// <summary>Uses it: first in the pipeline, so that whatever comes after fails into the envelope.</summary>
    public static WebApplication UseServiceDefaults(this WebApplication app)
    {
        app.UseRequestSpans();
        app.UseUnhandledErrors();
        app.UseDraining();
        app.MapHealth();
        return app;
    }
}
