using KvAspire.ClientNetworks;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;

namespace KvAspire.Gateway.Edge.Headers;

/// <summary>
/// Lets scripts of other origins call the API (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol). Setting
/// <c>Cors:Origins</c>; none by default. Without credentials: the API has no cookies, and scripts send tokens themselves.
/// </summary>
internal static class AllowedOrigins
{
    private const string Section = "Cors:Origins", Any = "*";

    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

    // The request headers that the API reads. Browsers that trace send trace context: without it here their preflight fails.
    private static readonly string[] RequestHeaders =
    [
        "Accept", "Authorization", "Cache-Control", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "Last-Event-ID",
        "Prefer", "traceparent", "tracestate", "baggage",
    ];

    // The API's response headers that CORS does not expose by default.
    private static readonly string[] ResponseHeaders =
    [
        "Cache-Status", "Content-Disposition", "ETag", "Location", "Preference-Applied", "RateLimit", "RateLimit-Policy", "Retry-After",
        "WWW-Authenticate",
    ];

    // The longest time that any browser caches a preflight.
    private static readonly TimeSpan PreflightMaxAge = TimeSpan.FromHours(2);

    public static WebApplicationBuilder AddAllowedOrigins(this WebApplicationBuilder builder)
    {
        var origins = Read(builder.Configuration);
        if (origins.Count > 0)
            builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => Allow(policy, origins)));
        return builder;
    }

    /// <summary>
    /// Answers preflights before authentication and budgets, and lets allowed origins read every response, errors too.
    /// </summary>
    public static void UseAllowedOrigins(this WebApplication app)
    {
        if (app.Services.GetService<ICorsService>() is not null)
            app.UseCors();
    }

    private static void Allow(CorsPolicyBuilder policy, HashSet<string> origins)
    {
        policy.WithMethods(Methods).WithHeaders(RequestHeaders).WithExposedHeaders(ResponseHeaders)
            .SetPreflightMaxAge(PreflightMaxAge);
        if (origins.Contains(Any))
            policy.AllowAnyOrigin();
        else
            policy.SetIsOriginAllowed(origins.Contains); // sends Vary: Origin for a single origin too, unlike WithOrigins
    }

    private static HashSet<string> Read(ConfigurationManager configuration)
    {
        var origins = new HashSet<string>(StringComparer.Ordinal);
        foreach (var setting in SettingList.Read(configuration, Section))
        {
            if (!IsOrigin(setting.Value!))
            {
                throw Invalid($"Cors__Origins__{setting.Key} is \"{setting.Value}\"; "
                    + "it must be an origin such as https://app.example, or * for any.");
            }

            origins.Add(setting.Value!);
        }

        return origins;
    }

    // As browsers send an origin: no path, no slash at the end, no default port, lower case.
    private static bool IsOrigin(string text) => text == Any
        || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            && uri.GetLeftPart(UriPartial.Authority) == text && uri.UserInfo.Length == 0);

    private static OptionsValidationException Invalid(string sentence) => new(Section, typeof(AllowedOrigins), [sentence]);
}
