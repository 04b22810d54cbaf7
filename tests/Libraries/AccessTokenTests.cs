using System.Net;
using KvAspire.ServiceDefaults;
using KvAspire.TestKit;
using KvAspire.TokenChecking;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace KvAspire.Libraries.Tests;

/// <summary>A known token takes a short cut past ASP.NET Core's middlewares, and must gain nothing by it.</summary>
public sealed class AccessTokenTests : IAsyncLifetime
{
    private TestIssuer issuer = null!;
    private WebApplication app = null!;
    private HttpClient client = null!;

    public async ValueTask InitializeAsync()
    {
        issuer = await TestIssuer.StartAsync();
        var builder = WebApplication.CreateBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Configuration.AddInMemoryCollection(
        [
            new("services:identity:http:0", issuer.Address.ToString()),
            new("Tokens:Issuer", TestIssuer.Issuer),
            new("ServiceCalls:Secret", TestIssuer.ServiceSecret),
        ]);
        builder.AddServiceDefaults();
        builder.AddAccessTokens();
        SmallService.Witness.Attend(builder.Services);

        app = builder.Build();
        app.UseServiceDefaults();
        app.UseAccessTokenAuthentication();
        app.UseAccessTokenAuthorization();
        app.MapGet("/open", () => "");
        app.MapGet("/read", () => "").RequireAuthorization(Scopes.Read);
        app.MapGet("/read-and-write", () => "").RequireAuthorization(Scopes.Read, Scopes.Write);
        app.MapGet("/role", () => "").RequireAuthorization(new AuthorizeAttribute(Scopes.Read) { Roles = "operator" });
        app.MapGet("/own-policy", () => "").RequireAuthorization(Scopes.Read).RequireAuthorization(policy => policy.RequireClaim("never"));
        app.MapGet("/any-user", () => "").RequireAuthorization();
        await app.StartAsync(TestContext.Current.CancellationToken);
        client = new() { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await app.DisposeAsync();
        await issuer.DisposeAsync();
    }

    [Theory]
    [InlineData("/open", HttpStatusCode.OK, HttpStatusCode.OK)]
    [InlineData("/read", HttpStatusCode.OK, HttpStatusCode.OK)]
    [InlineData("/read-and-write", HttpStatusCode.Forbidden, HttpStatusCode.OK)]
    [InlineData("/role", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    [InlineData("/own-policy", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    [InlineData("/any-user", HttpStatusCode.OK, HttpStatusCode.OK)]
    public async Task A_known_token_passes_only_where_every_demand_of_the_endpoint_is_met(
        string path, HttpStatusCode withRead, HttpStatusCode withBoth)
    {
        var (read, both) = (issuer.Issue("ada", Scopes.Read), issuer.Issue("ada"));
        for (var time = 0; time < 3; time++) // the first request makes the tokens known
        {
            Assert.Equal(withRead, await GetAsync(path, read));
            Assert.Equal(withBoth, await GetAsync(path, both));
        }
    }

    [Fact]
    public async Task A_known_token_is_refused_once_it_is_revoked()
    {
        var token = issuer.Issue("ada");
        Assert.Equal(HttpStatusCode.OK, await GetAsync("/read", token));

        issuer.Revoke("sub", "ada");
        for (var wait = 0; wait < 100 && await GetAsync("/read", token) is not HttpStatusCode.Unauthorized; wait++)
            await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync("/read", token));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync("/read", token: null));
    }

    private async Task<HttpStatusCode> GetAsync(string path, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = token is null ? null : new("Bearer", token);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
