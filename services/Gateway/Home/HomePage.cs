using System.Net;
using System.Security.Cryptography;
using System.Text;
using KvAspire.Gateway.Admission.Budgets;
using KvAspire.TokenChecking;
using Microsoft.Extensions.Options;

namespace KvAspire.Gateway.Home;

/// <summary><c>/</c>: a short page for people, with links and first requests. The page loads nothing.</summary>
internal static class HomePage
{
    private const string Resource = "home.html", Origin = "{origin}";

    /// <summary>Maps the page. Its examples use the gateway's public address, which is the issuer.</summary>
    public static void MapHome(this WebApplication app)
    {
        var issuer = app.Services.GetRequiredService<IOptions<AccessTokenOptions>>().Value.Issuer!.TrimEnd('/');
        using var resource = new StreamReader(typeof(HomePage).Assembly.GetManifestResourceStream(Resource)!, Encoding.UTF8);
        var page = resource.ReadToEnd();
        var policy = $"default-src 'none'; style-src 'sha256-{StyleHash(page)}'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        var bytes = Encoding.UTF8.GetBytes(page.Replace(Origin, WebUtility.HtmlEncode(issuer), StringComparison.Ordinal));
        app.MapMethods("/", [HttpMethods.Get, HttpMethods.Head], (HttpContext http) =>
        {
            http.Response.Headers.ContentSecurityPolicy = policy;
            http.Response.Headers.CacheControl = "public, max-age=300";
            return TypedResults.Bytes(bytes, "text/html; charset=utf-8");
        }).AllowAnonymous().WithBudget(BudgetKind.Other);
    }

    // The text between the style element's tags (CSP, level 3, section 6.7.3).
    private static string StyleHash(string page)
    {
        var begin = page.IndexOf("<style>", StringComparison.Ordinal) + "<style>".Length;
        var end = page.IndexOf("</style>", StringComparison.Ordinal);
        return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(page[begin..end])));
    }
}
