using KvAspire.Gateway.Admission.Budgets;
using Microsoft.Net.Http.Headers;

namespace KvAspire.Gateway.Docs;

/// <summary>
/// Serves the checked-in OpenAPI document, a resource of this assembly. The document is public, so it may be compressed.
/// Forwarded responses are never compressed, because their length would reveal secrets (BREACH).
/// </summary>
internal static class ApiDocument
{
    public const string Path = "/openapi/v1.json";

    private const string Resource = "openapi.v1.json";

    // The document changes with a release only. Clients revalidate it by its entity tag.
    private const string FiveMinutes = "public, max-age=300";

    public static void MapApiDocument(this IEndpointRouteBuilder routes)
    {
        var forms = EncodedDocument.FormsOf(Read());
        routes.MapMethods(Path, [HttpMethods.Get, HttpMethods.Head], (HttpContext http) =>
        {
            var form = EncodedDocument.Choose(forms, http.Request.Headers.AcceptEncoding);
            http.Response.Headers.CacheControl = FiveMinutes;
            http.Response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
            if (form.Coding is { } coding)
                http.Response.Headers.ContentEncoding = coding;
            return TypedResults.Bytes(form.Bytes, "application/json; charset=utf-8", entityTag: form.Tag);
        }).AllowAnonymous().WithBudget(BudgetKind.Other);
    }

    private static byte[] Read()
    {
        using var resource = typeof(ApiDocument).Assembly.GetManifestResourceStream(Resource)!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }
}
