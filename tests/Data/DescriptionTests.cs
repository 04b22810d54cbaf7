using System.Text.Json.Nodes;
using KvAspire.OpenApi;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>What the service writes for the OpenAPI document.</summary>
public sealed class DescriptionTests(World world)
{
    [Theory]
    [InlineData("Addition", "delta", "An integer of at most 100 digits; 1 by default.")]
    [InlineData("CounterValue", "value", "An integer of at most 100 digits.")]
    public async Task Numbers_of_counters_are_integers(string schema, string member, string description)
    {
        var cancelled = TestContext.Current.CancellationToken;
        var document = await world.Data.Services.GetRequiredKeyedService<IOpenApiDocumentProvider>(DescribedService.Name).GetOpenApiDocumentAsync(cancelled);
        var number = JsonNode.Parse(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancelled))!["components"]!["schemas"]![schema]!["properties"]![member]!;
        Assert.Equal($"integer: {description}", $"{number["type"]}: {number["description"]}");
    }
}
