using System.Net;
using KvAspire.TestKit;
using Xunit;

namespace KvAspire.Data.Tests;

/// <summary>The life of an entry: each status, code and text of the contract.</summary>
public sealed class EntryTests(World world)
{
    private readonly User user = world.Data.NewUser();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Post_stores_a_new_entry()
    {
        var response = await user.PostAsync("""{"key":"example_key","value":"example_value"}""");

        await Envelope.AssertBodyAsync(response, 201, """{"status":"success","message":"Data stored successfully."}""", Cancelled);
        Assert.Equal("/api/data/example_key", response.Headers.Location?.OriginalString);
        Assert.Matches("^\"[0-9]+\"$", response.Headers.ETag?.Tag);
        Assert.False(response.Headers.ETag!.IsWeak);
    }

    [Fact]
    public async Task Post_of_an_existing_key_conflicts_and_changes_nothing()
    {
        await user.StoreAsync("k", "1");

        await Envelope.AssertErrorAsync(await user.PostAsync("""{"key":"k","value":2}"""), 409, "KEY_EXISTS",
            "The provided key already exists in the database. To update an existing key, use the update API.", Cancelled);
        await AssertValueAsync("/api/data/k", "k", "1");
    }

    [Fact]
    public async Task Get_returns_what_was_stored()
    {
        var stored = await user.StoreAsync("k", """{"name":"Ada"}""");

        var response = await user.GetAsync("/api/data/k");
        await Envelope.AssertBodyAsync(response, 200, """{"status":"success","data":{"key":"k","value":{"name":"Ada"}}}""", Cancelled);
        Assert.Equal(stored.Headers.ETag, response.Headers.ETag);
    }

    [Fact]
    public async Task Head_answers_as_get_does_without_a_body()
    {
        await user.StoreAsync("k", "[1,2]");
        var get = await user.GetAsync("/api/data/k");

        var head = await user.SendAsync(HttpMethod.Head, "/api/data/k");
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancelled));
        Assert.Equal(get.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Equal(get.Headers.ETag, head.Headers.ETag);
        Assert.Equal(HttpStatusCode.NotFound, (await user.SendAsync(HttpMethod.Head, "/api/data/none")).StatusCode);
    }

    [Fact]
    public async Task Put_replaces_the_value()
    {
        var stored = await user.StoreAsync("k", "1");

        var response = await user.PutAsync("/api/data/k", """{"value":[2]}""");
        await Envelope.AssertBodyAsync(response, 200, """{"status":"success","message":"Data updated successfully."}""", Cancelled);
        Assert.NotEqual(stored.Headers.ETag, response.Headers.ETag);
        await AssertValueAsync("/api/data/k", "k", "[2]");
    }

    [Fact]
    public async Task Delete_removes_the_entry()
    {
        await user.StoreAsync("k", "1");

        var response = await user.DeleteAsync("/api/data/k");
        await Envelope.AssertBodyAsync(response, 200, """{"status":"success","message":"Data deleted successfully."}""", Cancelled);
        await AssertNotFoundAsync(await user.GetAsync("/api/data/k"));
    }

    [Fact]
    public async Task A_deleted_key_can_be_stored_again()
    {
        await user.StoreAsync("k", "1");
        await user.DeleteAsync("/api/data/k");
        await user.StoreAsync("k", "2");

        await AssertValueAsync("/api/data/k", "k", "2");
    }

    [Fact]
    public async Task A_missing_key_is_not_found()
    {
        await AssertNotFoundAsync(await user.GetAsync("/api/data/none"));
        await AssertNotFoundAsync(await user.PutAsync("/api/data/none", """{"value":1}"""));
        await AssertNotFoundAsync(await user.DeleteAsync("/api/data/none"));

        await user.StoreAsync("gone", "1");
        await user.DeleteAsync("/api/data/gone");
        await AssertNotFoundAsync(await user.PutAsync("/api/data/gone", """{"value":1}"""));
        await AssertNotFoundAsync(await user.DeleteAsync("/api/data/gone"));
    }

    [Fact]
    public async Task Other_methods_and_addresses_are_refused_in_the_envelope()
    {
        await Envelope.AssertErrorAsync(await user.SendAsync(HttpMethod.Post, "/api/data/k", User.Json("{}")), 405, "METHOD_NOT_ALLOWED",
            "This address does not answer this method.", Cancelled);
        await Envelope.AssertErrorAsync(await user.SendAsync(HttpMethod.Patch, "/api/data", User.Json("{}")), 405, "METHOD_NOT_ALLOWED",
            "This address does not answer this method.", Cancelled);
        await Envelope.AssertErrorAsync(await user.GetAsync("/api/other"), 404, "NOT_FOUND", "There is nothing at this address.", Cancelled);
    }

    [Fact]
    public async Task Of_64_concurrent_creations_one_succeeds_and_the_rest_conflict()
    {
        var responses = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => user.PostAsync(User.Entry("contended", $"{i}"))));

        var statuses = responses.CountBy(response => (int)response.StatusCode).ToDictionary();
        Assert.Equal(new Dictionary<int, int> { [201] = 1, [409] = 63 }, statuses);
        var winner = responses.Index().Single(response => response.Item.StatusCode is HttpStatusCode.Created).Index;
        await AssertValueAsync("/api/data/contended", "contended", $"{winner}");
    }

    private static Task<string> AssertNotFoundAsync(HttpResponseMessage response) => Envelope.AssertErrorAsync(
        response, 404, "KEY_NOT_FOUND", "The provided key does not exist in the database.", Cancelled);

    private async Task AssertValueAsync(string target, string key, string value) => await Envelope.AssertBodyAsync(
        await user.GetAsync(target), 200, User.Found(key, value), Cancelled);
}
