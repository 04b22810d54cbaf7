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
/// Stands at the edge of a service under test where Identity would: it signs real RS256 access tokens, and publishes its
/// keys over HTTP at <c>/.well-known/jwks.json</c>.
/// </summary>
public sealed class TestIssuer : IAsyncDisposable
{
    /// <summary>The <c>iss</c> of the tokens.</summary>
    public const string Issuer = "http://gateway.test";

    /// <summary>The <c>aud</c> of the tokens.</summary>
    public const string Audience = "kvaspire";

    /// <summary>What a signed-in user's token grants.</summary>
    public const string UserScope = "kv:read kv:write";

    private readonly List<RsaSecurityKey> keys = [NewKey()];
    private WebApplication? server;

    /// <summary>Where the keys are: give it to a service as <c>services:identity:http:0</c>.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>While false, the keys cannot be fetched (503).</summary>
    public bool IsReachable { get; set; } = true;

    /// <summary>The key that signs now.</summary>
    public RsaSecurityKey SigningKey => keys[^1];

    /// <summary>Starts an issuer on a free loopback port.</summary>
    public static async Task<TestIssuer> StartAsync()
    {
        var issuer = new TestIssuer();
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        issuer.server = builder.Build();
        issuer.server.Run(issuer.PublishKeysAsync);
        await issuer.server.StartAsync();
        issuer.Address = new Uri(issuer.server.Urls.Single());
        return issuer;
    }

    /// <summary>Signs with a new key from now on, and publishes it beside the old ones.</summary>
    public void Rotate() => keys.Add(NewKey());

    /// <summary>A valid token of a user.</summary>
    public string Issue(string subject, string scope = UserScope) => Sign(Describe(subject, scope));

    /// <summary>What a valid token says, for a test to change before it is signed.</summary>
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

    /// <summary>The token that a description describes.</summary>
    public static string Sign(SecurityTokenDescriptor description) =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(description);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
    }

    private static RsaSecurityKey NewKey() => new(RSA.Create(2048)) { KeyId = Guid.NewGuid().ToString("N") };

    private Task PublishKeysAsync(HttpContext context)
    {
        if (!IsReachable || context.Request.Path != "/.well-known/jwks.json")
        {
            context.Response.StatusCode = IsReachable ? StatusCodes.Status404NotFound : StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        }

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
