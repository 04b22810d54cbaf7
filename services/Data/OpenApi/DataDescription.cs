using KvAspire.OpenApi;

namespace KvAspire.Data.OpenApi;

/// <summary>Registers the OpenAPI document of this service.</summary>
internal static class DataDescription
{
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
