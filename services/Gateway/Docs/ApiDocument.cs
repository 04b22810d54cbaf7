using Microsoft.Net.Http.Headers;

namespace KvAspire.Gateway.Docs;

/// <summary>
/// Serves the OpenAPI document that is checked in, which is a resource of this assembly. It is compressed, since there is
/// nothing in it that is anybody's own: forwarded answers never are, for their length would tell of what is in them (BREACH).
/// </summary>
internal static class ApiDocument
{
    /// <summary>Where it is.</summary>
    public const string Path = "/openapi/v1.json";

    private const string Resource = "openapi.v1.json";

    // It changes with a release only. Whoever has it asks whether it still is the one.
    private const string CacheForMinutes = "public, max-age=300";

    public static void MapApiDocument(this IEndpointRouteBuilder routes)
    {
        var forms = EncodedDocument.FormsOf(Read());
        routes.MapMethods(Path, [HttpMethods.Get, HttpMethods.Head], (HttpContext http) =>
        {
            var form = EncodedDocument.Choose(forms, http.Request.Headers.AcceptEncoding);
            http.Response.Headers.CacheControl = CacheForMinutes;
            http.Response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
            if (form.Coding is { } coding)
                http.Response.Headers.ContentEncoding = coding;
            return TypedResults.Bytes(form.Bytes, "application/json; charset=utf-8", entityTag: form.Tag);
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
