using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Xunit;

namespace KvAspire.Data.Tests.Fixtures;

/// <summary>A user's client of one replica. It sends targets exactly as they are written.</summary>
public sealed class User(HttpClient http, string address, string? token, string subject)
{
    // Tests need targets that Uri would normalise.
    private static readonly UriCreationOptions AsSpelled = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>The <c>sub</c> of the user's token.</summary>
    public string Subject => subject;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public Task<HttpResponseMessage> GetAsync(string target) => SendAsync(HttpMethod.Get, target);

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string target, HttpContent? content = null) => SendAsync(method, target, content, []);

    public Task<HttpResponseMessage> DeleteAsync(string target) => SendAsync(HttpMethod.Delete, target);

    public Task<HttpResponseMessage> PostAsync(string body) => SendAsync(HttpMethod.Post, "/api/data", Json(body));

    public Task<HttpResponseMessage> PutAsync(string target, string body) => SendAsync(HttpMethod.Put, target, Json(body));

    /// <summary>Stores a value under a new key.</summary>
    public async Task<HttpResponseMessage> StoreAsync(string key, string value)
    {
        var response = await PostAsync(Entry(key, value));
        Assert.True((int)response.StatusCode == 201, await response.Content.ReadAsStringAsync(Cancelled));
        return response;
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string target, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(address + target, AsSpelled)) { Content = content };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await http.SendAsync(request, Cancelled);
    }

    /// <summary>Starts a watch. The answer is a stream.</summary>
    public async Task<HttpResponseMessage> WatchAsync(string query = "", string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{address}/api/watch?{query}", AsSpelled));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
    }

    /// <summary>Returns the body that stores a value.</summary>
    public static string Entry(string key, string value) => $$"""{"key":{{JsonSerializer.Serialize(key)}},"value":{{value}}}""";

    /// <summary>Returns the body that a read answers, if the key needs no escapes.</summary>
    public static string Found(string key, string value) =>
        $$$"""{"status":"success","data":{"key":"{{{key}}}","value":{{{value}}}}}""";

    public static HttpContent Json(string body) => Json(Encoding.UTF8.GetBytes(body));

    public static HttpContent Json(byte[] body, string contentType = "application/json")
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        return content;
    }
}
