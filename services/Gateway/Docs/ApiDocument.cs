using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace KvAspire.Gateway.Docs;

/// <summary>Serves the OpenAPI document that is checked in, which is a resource of this assembly.</summary>
internal static class ApiDocument
{
    /// <summary>Where it is.</summary>
    public const string Path = "/openapi/v1.json";

    private const string Resource = "openapi.v1.json";

    // It changes with a release only. Whoever has it asks whether it still is the one.
    private const string CacheForMinutes = "public, max-age=300";

    public static void MapApiDocument(this IEndpointRouteBuilder routes)
    {
        var document = Read();
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(document))[..32]}\"");
        routes.MapMethods(Path, [HttpMethods.Get, HttpMethods.Head], (HttpResponse response) =>
        {
            response.Headers.CacheControl = CacheForMinutes;
            return TypedResults.Bytes(document, "application/json; charset=utf-8", entityTag: tag);
        }).AllowAnonymous();
    }

    private static byte[] Read()
    {
        using var resource = typeof(ApiDocument).Assembly.GetManifestResourceStream(Resource)!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }
}
