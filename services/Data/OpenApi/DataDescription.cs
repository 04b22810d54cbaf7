using KvAspire.ServiceDefaults.OpenApi;

namespace KvAspire.Data.OpenApi;

/// <summary>Registers what describes this service in the OpenAPI document.</summary>
internal static class DataDescription
{
    /// <summary>Adds it.</summary>
    public static WebApplicationBuilder AddDescription(this WebApplicationBuilder builder)
    {
        builder.Services.AddOpenApi(DescribedService.Name, options =>
        {
            options.DescribeOperations();
            options.AddDocumentTransformer<KeysInQueries>();
        });
        return builder;
    }
}
