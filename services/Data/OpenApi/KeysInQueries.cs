using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace KvAspire.Data.OpenApi;

/// <summary>
/// A route that ends in <c>{**key}</c> also answers <c>?key=</c> without the key in its path. OpenAPI needs two paths for that,
/// so each operation is copied to the second path, unless that path has one already.
/// </summary>
internal sealed class KeysInQueries : IOpenApiDocumentTransformer
{
    private const string InPath = "/{key}";

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var (path, item) in document.Paths.Where(path => path.Key.EndsWith(InPath, StringComparison.Ordinal)).ToList())
        {
            var bare = path[..^InPath.Length];
            if (!document.Paths.ContainsKey(bare))
                document.Paths[bare] = new OpenApiPathItem { Operations = [] };

            foreach (var (method, operation) in item.Operations!)
                document.Paths[bare].Operations!.TryAdd(method, ByQuery(operation));
        }

        return Task.CompletedTask;
    }

    private static OpenApiOperation ByQuery(OpenApiOperation operation) => new(operation)
    {
        OperationId = $"{operation.OperationId}ByQuery",
        Summary = $"{operation.Summary}, for any key",
        Parameters = [.. operation.Parameters!.Select(parameter => parameter.In is ParameterLocation.Path ? InQuery(parameter) : parameter)],
    };

    private static OpenApiParameter InQuery(IOpenApiParameter parameter) => new()
    {
        Name = parameter.Name,
        In = ParameterLocation.Query,
        Required = true,
        Description = DataParameters.QueryKey.Text,
        Schema = parameter.Schema,
        Example = parameter.Example,
    };
}
