using KvAspire.Gateway.Admission.Budgets;
using Swashbuckle.AspNetCore.SwaggerUI;

namespace KvAspire.Gateway.Docs;

/// <summary>
/// <c>/docs</c>: Swagger UI. The page loads everything from this origin. Its Content-Security-Policy (CSP, level 3) allows no
/// other origin, no inline script and no <c>eval</c>.
/// </summary>
internal static class DocsPage
{
    private const string Path = "/docs";

    private const string Style = "kvaspire.css", Resource = "docs.page.css";

    // The inline style of Swagger UI's logo. The browser test fails when a new version changes it.
    private const string Logo = "'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='";

    // Swagger UI's style sheet has its icons as data: URLs.
    private const string Policy =
        $"default-src 'none'; script-src 'self'; style-src 'self' {Logo}; img-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void MapDocs(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            if (context.Request.Path.StartsWithSegments(Path))
                Protect(context.Response);
            return next(context);
        });
        app.MapApiDocument();
        app.MapGet($"{Path}/{Style}", () => TypedResults.Stream(typeof(DocsPage).Assembly.GetManifestResourceStream(Resource)!, "text/css"))
            .AllowAnonymous().WithBudget(BudgetKind.Other);
        app.MapSwaggerUI("docs", Configure).WithMetadata(new HttpMethodMetadata([HttpMethods.Get])) // by default: any method
            .AllowAnonymous().WithBudget(BudgetKind.Other);
    }

    private static void Configure(SwaggerUIOptions page)
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
