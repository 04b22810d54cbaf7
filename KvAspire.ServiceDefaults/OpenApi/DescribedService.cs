using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace KvAspire.ServiceDefaults.OpenApi;

/// <summary>
/// A service's part of the API's one OpenAPI document. It is not served: the service writes it when it is asked to, the gateway
/// merges it with the other services' (<c>./kv openapi</c>), and the whole is checked in.
/// </summary>
public static class DescribedService
{
    /// <summary>The document's name.</summary>
    public const string Name = "v1";

    private const string Argument = "openapi";

    /// <summary>Has operations described by their <see cref="OperationDescription"/>, and by nothing else.</summary>
    // The service itself calls AddOpenApi: only where that stands does the compiler gather the XML comments of its types.
    public static void DescribeOperations(this OpenApiOptions options)
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = endpoint => endpoint.ActionDescriptor.EndpointMetadata.OfType<OperationDescription>().Any();
        options.CreateSchemaReferenceId = info => AsWritten.IsOurs(info.Type) ? AsWritten.NameOf(info.Type) : OpenApiOptions.CreateDefaultSchemaReferenceId(info);
        options.AddSchemaTransformer<AsWritten>();
        options.AddOperationTransformer<DescribedOperations>();
    }

    /// <summary>Runs the service; with the arguments <c>openapi FILE</c> it only writes its part of the document there, and ends.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunOrDescribeAsync(this WebApplication app, string[] args)
    {
        if (args is not [Argument, var file])
        {
            await app.RunAsync();
            return 0;
        }

        // What starting the service would do, and all that is needed: to make its routes known.
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
