using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace KvAspire.OpenApi;

/// <summary>
/// A service's part of the API's OpenAPI document. The service does not serve it. <c>./kv openapi</c> lets the services write
/// their parts and the gateway merge them; the merged document is checked in.
/// </summary>
public static class DescribedService
{
    /// <summary>The document's name.</summary>
    public const string Name = "v1";

    private const string Argument = "openapi";

    /// <summary>Describes operations by their <see cref="OperationDescription"/>. Endpoints without one are left out.</summary>
    // The service itself must call AddOpenApi, since the XML comments are collected in the project of that call.
    public static void DescribeOperations(this OpenApiOptions options)
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = endpoint => endpoint.ActionDescriptor.EndpointMetadata.OfType<OperationDescription>().Any();
        options.CreateSchemaReferenceId = info => WireSchemas.IsOurs(info.Type) ? WireSchemas.NameOf(info.Type) : OpenApiOptions.CreateDefaultSchemaReferenceId(info);
        options.AddSchemaTransformer<WireSchemas>();
        options.AddOperationTransformer<DescribedOperations>();
    }

    /// <summary>Runs the service; with the arguments <c>openapi FILE</c> it only writes its part of the document.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunOrDescribeAsync(this WebApplication app, string[] args)
    {
        if (args is not [Argument, var file])
        {
            await app.RunAsync();
            return 0;
        }

        // Builds the routes, which otherwise happens when the service starts.
        app.UseRouting();
        app.UseEndpoints(static _ => { });
        await using (app)
        {
            var document = await app.Services.GetRequiredKeyedService<IOpenApiDocumentProvider>(Name).GetOpenApiDocumentAsync();
            await File.WriteAllTextAsync(file, await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1));
            return 0;
        }
    }
}
