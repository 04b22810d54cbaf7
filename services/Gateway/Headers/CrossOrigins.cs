using KvAspire.Gateway.Settings;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;

namespace KvAspire.Gateway.Headers;

/// <summary>
/// Lets the scripts of other origins call the API (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol). Setting
/// <c>Cors:Origins</c>; nobody by default. Never with credentials: tokens are sent by the script, and cookies there are none.
/// </summary>
internal static class CrossOrigins
{
    private const string Section = "Cors:Origins", Any = "*";

    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

    // What the API reads. The trace context is that of browsers that trace: without it their requests would not come at all.
    private static readonly string[] Sent =
    [
        "Accept", "Authorization", "Cache-Control", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "Last-Event-ID",
        "traceparent", "tracestate", "baggage",
    ];

    // What the API answers beside of what a script may always see.
    private static readonly string[] Shown =
        ["Cache-Status", "Content-Disposition", "ETag", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "WWW-Authenticate"];

    // As long as any browser remembers the answer to a preflight.
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(2);

    public static WebApplicationBuilder AddCrossOrigins(this WebApplicationBuilder builder)
    {
        var origins = Read(builder.Configuration);
        if (origins.Count > 0)
            builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => Allow(policy, origins)));
        return builder;
    }

    /// <summary>
    /// Uses it: a preflight is answered here, before anybody asks for a token or counts it, and every other answer to those
    /// origins says that they may read it, an error too.
    /// </summary>
    public static void UseCrossOrigins(this WebApplication app)
    {
        if (app.Services.GetService<ICorsService>() is not null)
            app.UseCors();
    }

    private static void Allow(CorsPolicyBuilder policy, HashSet<string> origins)
    {
        policy.WithMethods(Methods).WithHeaders(Sent).WithExposedHeaders(Shown).SetPreflightMaxAge(Remembered);
        if (origins.Contains(Any))
            policy.AllowAnyOrigin();
        else
            policy.SetIsOriginAllowed(origins.Contains); // unlike WithOrigins it says "Vary: Origin" for a single one too
    }

    private static HashSet<string> Read(ConfigurationManager configuration)
    {
        var origins = new HashSet<string>(StringComparer.Ordinal);
        foreach (var setting in SettingList.Read(configuration, Section))
        {
            if (!IsOrigin(setting.Value!))
                throw Refusal($"Cors__Origins__{setting.Key} is \"{setting.Value}\"; it must be an origin such as https://app.example, or * for any.");
            origins.Add(setting.Value!);
        }

        return origins;
    }

    // As a browser sends it: no path, not even a slash, no port that goes without saying, lower case.
    private static bool IsOrigin(string text) => text == Any
        || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            && uri.GetLeftPart(UriPartial.Authority) == text && uri.UserInfo.Length == 0);

    private static OptionsValidationException Refusal(string sentence) => new(Section, typeof(CrossOrigins), [sentence]);
}
