using Swashbuckle.AspNetCore.SwaggerUI;

namespace KvAspire.Gateway.Docs;

/// <summary>
/// <c>/docs</c>: a page that shows the API and calls it. All of it comes from this assembly and its packages, and a policy
/// (CSP, level 3) holds the page to that: no other origin, no inline script, no evaluated text.
/// </summary>
internal static class DocsPage
{
    private const string Path = "/docs";

    private const string Style = "kvaspire.css", Resource = "docs.page.css";

    // The style inside of Swagger UI's logo. Another version may have another one: the browser test tells.
    private const string Logo = "'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='";

    // Swagger UI's style sheet has its icons in it, as data.
    private const string Policy =
        $"default-src 'none'; script-src 'self'; style-src 'self' {Logo}; img-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Maps the document and the page.</summary>
    public static void MapDocs(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            if (context.Request.Path.StartsWithSegments(Path))
                Protect(context.Response);
            return next(context);
        });
        app.MapApiDocument();
        app.MapGet($"{Path}/{Style}", () => TypedResults.Stream(typeof(DocsPage).Assembly.GetManifestResourceStream(Resource)!, "text/css")).AllowAnonymous();
        app.MapSwaggerUI("docs", Show).WithMetadata(new HttpMethodMetadata([HttpMethods.Get])).AllowAnonymous(); // by itself it takes any method
    }

    private static void Show(SwaggerUIOptions page)
    {
        page.DocumentTitle = "KvAspire";
        page.SwaggerEndpoint(ApiDocument.Path, "v1");
        page.OAuthClientId("kvaspire");
        page.DefaultModelsExpandDepth(-1);
        page.DisplayRequestDuration();
        page.InjectStylesheet(Style);
    }

    private static void Protect(HttpResponse response) => response.OnStarting(static state =>
    {
        ((HttpResponse)state).Headers.ContentSecurityPolicy = Policy;
        return Task.CompletedTask;
    }, response);
}
