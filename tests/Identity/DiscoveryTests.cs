using System.Text.Json.Nodes;
using Duende.IdentityModel.Client;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.Identity.Tests;

public sealed class DiscoveryTests(IdentityFixture identity)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Discovery_lists_the_endpoints_under_the_issuer_and_may_be_cached()
    {
        using var response = await identity.Client.GetAsync("/.well-known/openid-configuration", Cancelled);
        await Envelope.AssertBodyAsync(response, 200, """{"issuer":"http://localhost:18080","token_endpoint":"http://localhost:18080/connect/token","revocation_endpoint":"http://localhost:18080/connect/revocation","introspection_endpoint":"http://localhost:18080/connect/introspect","userinfo_endpoint":"http://localhost:18080/connect/userinfo","jwks_uri":"http://localhost:18080/.well-known/jwks.json","scopes_supported":["kv:read","kv:write","kv:account","kv:admin"],"claims_supported":["sub","preferred_username","name","email"],"response_types_supported":[],"grant_types_supported":["refresh_token","client_credentials","password"],"token_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post","none"],"revocation_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post","none"],"introspection_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post"],"subject_types_supported":["public"]}""", Cancelled);
        Assert.Equal("public, max-age=300", response.Headers.CacheControl?.ToString());

        using var head = await identity.Client.SendAsync(new(HttpMethod.Head, "/.well-known/openid-configuration"), Cancelled);
        Assert.Equal((200, "application/json; charset=utf-8"), ((int)head.StatusCode, head.Content.Headers.ContentType?.ToString()));
    }

    [Fact]
    public async Task Key_set_has_only_public_members_and_may_be_cached()
    {
        using var response = await identity.Client.GetAsync("/.well-known/jwks.json", Cancelled);
        Assert.Equal("application/jwk-set+json", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("public, max-age=5", response.Headers.CacheControl?.ToString());

        var key = Assert.Single(JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancelled))!["keys"]!.AsArray())!.AsObject();
        Assert.Equal(["kty", "use", "kid", "alg", "n", "e"], key.Select(member => member.Key));
        Assert.Equal("RSA sig RS256 AQAB", $"{key["kty"]} {key["use"]} {key["alg"]} {key["e"]}");
        Assert.Equal(256, Base64UrlEncoder.DecodeBytes(key["n"]!.GetValue<string>()).Length);
    }

    [Fact]
    public async Task Standard_client_discovers_the_keys_and_they_verify_a_token()
    {
        var person = Person.New();
        await person.RegisterAsync(identity.Client, Cancelled);
        var token = await person.SignInAsync(identity.Client, Cancelled);

        using var client = identity.Service.ClientThroughTheGateway();
        var discovery = await client.GetDiscoveryDocumentAsync(cancellationToken: Cancelled);
        Assert.False(discovery.IsError, discovery.Error);
        Assert.Equal(IdentityService.Issuer, discovery.Issuer);

        var outcome = await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = discovery.Issuer,
            ValidAudience = "kvaspire",
            ValidTypes = ["at+jwt"],
            IssuerSigningKeys = discovery.KeySet!.Keys.Select(key => new JsonWebKey { Kty = key.Kty, Kid = key.Kid, N = key.N, E = key.E, Alg = key.Alg, Use = key.Use }),
        });
        Assert.True(outcome.IsValid, outcome.Exception?.Message);
    }

    [Fact]
    public async Task Standard_client_refuses_the_document_at_an_address_that_is_not_the_issuers()
    {
        var discovery = await identity.Client.GetDiscoveryDocumentAsync(cancellationToken: Cancelled);
        Assert.True(discovery.IsError);
        Assert.Equal(ResponseErrorType.PolicyViolation, discovery.ErrorType);
        Assert.Equal("Issuer name does not match authority: http://localhost:18080", discovery.Error);
    }
}
