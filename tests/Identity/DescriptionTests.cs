using System.Text.Json.Nodes;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.OpenApi;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace KvAspire.Identity.Tests;

/// <summary>What the service writes for the OpenAPI document.</summary>
public sealed class DescriptionTests(IdentityFixture identity)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ApiKeyInfo", "id")]
    [InlineData("SessionInfo", "session_id")]
    [InlineData("UserProfile", "user_id")]
    [InlineData("AccountProfile", "user_id")]
    [InlineData("UserSummary", "user_id")]
    [InlineData("UserDetails", "user_id")]
    public async Task Ids_of_answers_are_UUIDs(string schema, string member)
    {
        var id = (await DocumentAsync())["components"]!["schemas"]![schema]!["properties"]![member]!;
        Assert.Equal("string uuid", $"{id["type"]} {id["format"]}");
    }

    [Theory]
    [InlineData("/api/keys/{id}")]
    [InlineData("/api/account/sessions/{id}")]
    [InlineData("/api/admin/users/{id}")]
    public async Task Ids_in_paths_are_UUIDs(string path)
    {
        var id = (await DocumentAsync())["paths"]![path]!["delete"]!["parameters"]![0]!;
        Assert.Equal("id string uuid", $"{id["name"]} {id["schema"]!["type"]} {id["schema"]!["format"]}");
    }

    private async Task<JsonNode> DocumentAsync()
    {
        var document = await identity.Service.Services.GetRequiredKeyedService<IOpenApiDocumentProvider>(DescribedService.Name).GetOpenApiDocumentAsync(Cancelled);
        return JsonNode.Parse(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, Cancelled))!;
    }
}
