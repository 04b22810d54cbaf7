using System.Diagnostics;
using System.Text.Json.Nodes;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.TestKit;
using Xunit;

namespace KvAspire.AppHost.Tests;

/// <summary>The OpenAPI document that is checked in.</summary>
public sealed class DocumentTests
{
    private static readonly string Document = Path.Combine(Repository.Root, "docs", "openapi", "v1.json");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_checked_in_document_equals_the_one_that_the_services_generate()
    {
        var folder = Directory.CreateTempSubdirectory("openapi-").FullName;
        try
        {
            string[] parts = [Path.Combine(folder, "Identity.json"), Path.Combine(folder, "Data.json")];
            var written = Path.Combine(folder, "v1.json");
            await Task.WhenAll(parts.Select(part => RunAsync(Path.GetFileNameWithoutExtension(part), "openapi", part)));
            await RunAsync("Gateway", ["openapi", written, .. parts]);

            if (await File.ReadAllTextAsync(written, Cancel) != await File.ReadAllTextAsync(Document, Cancel))
                Assert.Fail("docs/openapi/v1.json differs from the document that the services generate. Run ./kv openapi, review the changes, and commit the file.");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // An error of the whole request is one of its responses; the description names an error of a part of it, with its status.
    [Fact]
    public async Task Every_code_of_the_catalogue_is_an_error_of_some_operation()
    {
        var text = await File.ReadAllTextAsync(Document, Cancel);
        var operations = JsonNode.Parse(text)!["paths"]!.ToJsonString();

        Assert.All(ErrorCatalogue.All, error => Assert.True(
            operations.Contains($"/{error.Code}\"", StringComparison.Ordinal) || text.Contains($"`{error.Code}` ({error.Status})", StringComparison.Ordinal),
            error.Code));
    }

    // Client generators and linters need these.
    [Fact]
    public async Task Every_operation_has_a_description_and_every_list_has_an_item_type()
    {
        var document = JsonNode.Parse(await File.ReadAllTextAsync(Document, Cancel))!;
        var operations = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => operation.Value!)).ToList();

        Assert.All(operations, operation => Assert.All(["summary", "description", "operationId", "tags"], member => Assert.NotNull(operation[member])));
        Assert.Distinct(operations.Select(operation => operation["operationId"]!.GetValue<string>()));
        Assert.All(Objects(document).Where(schema => schema["type"] is JsonValue type && type.ToString() is "array"), list => Assert.NotNull(list["items"]));
    }

    [Theory]
    [InlineData("GET", "/api/data/a/b", 200, """{"status":"success","data":{"key":"a/b","value":1}}""", null)]
    [InlineData("GET", "/api/data/a/b", 200, """{"status":"success","data":{"key":"a/b"}}""", "value")]
    [InlineData("GET", "/api/data/a/b", 200, """{"status":"success","data":{"key":7,"value":1}}""", "string")]
    [InlineData("GET", "/api/data/a/b", 418, "{}", "does not answer 418")]
    [InlineData("GET", "/api/data/a/b", 404, """{"status":"error","code":"USER_NOT_FOUND","message":"m","trace_id":"0af7651916cd43dd8448eb211c80319c"}""", "enum")]
    [InlineData("POST", "/api/data/a/b", 200, "{}", "has no POST")]
    [InlineData("GET", "/api/unknown", 200, "{}", "no path")]
    public void The_contract_finds_responses_that_contradict_the_document(string method, string path, int status, string body, string? objection)
    {
        var found = ApiContract.CheckedIn.Objection(method, path, status, "application/json", body);

        if (objection is null)
            Assert.Null(found);
        else
            Assert.Contains(objection, found, StringComparison.OrdinalIgnoreCase);
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => Objects(member.Value)).Prepend(members),
        JsonArray items => items.SelectMany(Objects),
        _ => [],
    };

    // Like ./kv openapi, with the services that were built for these tests.
    private static async Task RunAsync(string service, params string[] arguments)
    {
        var built = new DirectoryInfo(AppContext.BaseDirectory);
        var program = Path.Combine(Repository.Root, "services", service, "bin", built.Parent!.Name, built.Name, $"KvAspire.{service}.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Cancel);
        var error = process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == 0, await output + await error);
    }
}
