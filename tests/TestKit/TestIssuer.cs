using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Duende.IdentityModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.TestKit;

/// <summary>
/// Replaces Identity for a service under test: signs real RS256 access tokens, and publishes its keys over HTTP at
/// <c>/.well-known/jwks.json</c> and its revocations at <c>/internal/revocations</c>.
/// </summary>
public sealed class TestIssuer : IAsyncDisposable
{
    /// <summary>The <c>iss</c> of the tokens.</summary>
    public const string Issuer = "http://gateway.test";

    /// <summary>The <c>aud</c> of the tokens.</summary>
    public const string Audience = "kvaspire";

    /// <summary>
    /// The secret that all services of a test share, for their setting <c>ServiceCalls:Secret</c>. As Identity does, the issuer
    /// answers <c>/internal/*</c> only to callers that present it.
    /// </summary>
    public const string ServiceSecret = "tests-only-service-secret-0123456789";

    /// <summary>The header of <see cref="ServiceSecret"/>.</summary>
    public const string ServiceSecretHeader = "Service-Secret";

    /// <summary>The scopes of a user for entries.</summary>
    public const string UserScope = "kv:read kv:write";

    /// <summary>The scopes of a user who signed in at our own front door.</summary>
    public const string SessionScope = UserScope + " kv:account";

    private readonly List<RsaSecurityKey> keys = [NewKey()];
    private readonly ConcurrentQueue<object> revocations = [];
    private WebApplication? server;
    private int exchanges;

    /// <summary>The address, for the service's setting <c>services:identity:http:0</c>.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>While false, the keys are unavailable (503).</summary>
    public bool IsReachable { get; set; } = true;

    /// <summary>The current signing key.</summary>
    public RsaSecurityKey SigningKey => keys[^1];

    /// <summary>Starts an issuer on a free loopback port.</summary>
    public static async Task<TestIssuer> StartAsync()
    {
        var issuer = new TestIssuer();
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        issuer.server = builder.Build();
        issuer.server.Run(issuer.AnswerAsync);
        await issuer.server.StartAsync();
        issuer.Address = new Uri(issuer.server.Urls.Single());
        return issuer;
    }

    /// <summary>Signs with a new key from now on, and publishes it beside the old ones.</summary>
    public void Rotate() => keys.Add(NewKey());

    /// <summary>Revokes tokens.</summary>
    /// <param name="kind">The claim that identifies the tokens: <c>jti</c>, <c>sid</c> or <c>sub</c>.</param>
    /// <param name="value">The claim's value.</param>
    public void Revoke(string kind, string value)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        revocations.Enqueue(new { kind, value, before = kind == "sub" ? now + 1 : 0, until = now + 3600 });
    }

    /// <summary>The access tokens that API keys are exchanged for.</summary>
    public Func<string, string?> Exchange { get; set; } = _ => null;

    /// <summary>The number of exchanges of API keys.</summary>
    public int Exchanges => exchanges;

    /// <summary>A valid token of a user.</summary>
    public string Issue(string subject, string scope = UserScope) => Sign(Describe(subject, scope));

    /// <summary>A valid token of a user who signed in.</summary>
    public string IssueForSession(string subject, string scope = SessionScope)
    {
        var description = Describe(subject, scope);
        description.Claims[JwtClaimTypes.SessionId] = Guid.NewGuid().ToString();
        description.Claims[JwtClaimTypes.AuthenticationTime] = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return Sign(description);
    }

    /// <summary>The claims of a valid token, for a test to change before the signature.</summary>
    public SecurityTokenDescriptor Describe(string subject, string scope = UserScope)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        return new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Audience,
            TokenType = "at+jwt",
            IssuedAt = now,
            NotBefore = now,
            Expires = now.AddHours(1),
            SigningCredentials = new SigningCredentials(SigningKey, SecurityAlgorithms.RsaSha256),
            Claims = new Dictionary<string, object>
            {
                [JwtClaimTypes.Subject] = subject,
                [JwtClaimTypes.ClientId] = "kvaspire",
                [JwtClaimTypes.JwtId] = Guid.NewGuid().ToString("N"),
                [JwtClaimTypes.Scope] = scope,
            },
        };
    }

    /// <summary>Signs the token of a description.</summary>
    public static string Sign(SecurityTokenDescriptor description) =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(description);

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
    }

    private static RsaSecurityKey NewKey() => new(RSA.Create(2048)) { KeyId = Guid.NewGuid().ToString("N") };

    private Task AnswerAsync(HttpContext context)
    {
        context.Response.StatusCode = IsReachable ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return !IsReachable ? Task.CompletedTask : context.Request.Path.Value switch
        {
            { } path when path.StartsWith("/internal/", StringComparison.Ordinal) && context.Request.Headers[ServiceSecretHeader] != ServiceSecret => ForbidAsync(context),
            "/.well-known/jwks.json" => PublishKeysAsync(context),
            "/internal/revocations" => context.Response.WriteAsJsonAsync(
                new { cursor = "0", keys = "", revocations = revocations.ToArray() }, context.RequestAborted),
            "/internal/api-keys/exchange" => ExchangeAsync(context),
            _ => NothingAsync(context),
        };

        static Task ForbidAsync(HttpContext context)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        }

        static Task NothingAsync(HttpContext context)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }
    }

    private async Task ExchangeAsync(HttpContext context)
    {
        Interlocked.Increment(ref exchanges);
        var request = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body, cancellationToken: context.RequestAborted);
        if (Exchange(request.GetProperty("api_key").GetString()!) is { } token)
            await context.Response.WriteAsJsonAsync(new { access_token = token, expires_in = 300 }, context.RequestAborted);
        else
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
    }

    private Task PublishKeysAsync(HttpContext context)
    {
        var published = keys.Select(key => key.Rsa.ExportParameters(includePrivateParameters: false)).Zip(keys, (rsa, key) => new
        {
            kty = "RSA",
            use = "sig",
            alg = "RS256",
            kid = key.KeyId,
            n = Base64UrlEncoder.Encode(rsa.Modulus),
            e = Base64UrlEncoder.Encode(rsa.Exponent),
        });
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(JsonSerializer.Serialize(new { keys = published }), context.RequestAborted);
    }
}
