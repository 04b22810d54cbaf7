using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using KvAspire.Verify.Histories;

namespace KvAspire.Verify.Workload;

/// <summary>The running system through its gateway: one client with its own connection.</summary>
internal sealed class GatewayStore : IStore, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    // Some writes are larger than the cache's limit, to test its markers of large values too.
    private const int LargeEvery = 100;
    private static readonly string Padding = new('x', 80 * 1024);

    private readonly HttpClient http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 1 });

    public GatewayStore(Uri gateway, string token)
    {
        http.BaseAddress = gateway;
        http.Timeout = Patience;
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
    }

    public async Task<Answer> AskAsync(Request request, CancellationToken cancellationToken)
    {
        try
        {
            using var message = Message(request);
            using var response = await http.SendAsync(message, cancellationToken);
            return await AnswerAsync(request, response, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or TaskCanceledException)
        {
            return new(Outcome.Unknown);
        }
    }

    public void Dispose() => http.Dispose();

    private static HttpRequestMessage Message(Request request)
    {
        var (method, path) = request.Kind switch
        {
            OperationKind.Read => (HttpMethod.Get, $"/api/data/{request.Key}"),
            OperationKind.Create => (HttpMethod.Post, "/api/data"),
            OperationKind.Delete => (HttpMethod.Delete, $"/api/data/{request.Key}"),
            OperationKind.Upsert => (HttpMethod.Put, $"/api/data/{request.Key}?upsert=true"),
            _ => (HttpMethod.Put, $"/api/data/{request.Key}"),
        };
        var message = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (request.Kind is OperationKind.Swap)
            message.Headers.IfMatch.Add(new($"\"{request.Revision}\""));
        if (request.Fresh)
            message.Headers.CacheControl = new() { NoCache = true };
        if (request.Kind is OperationKind.Read or OperationKind.Delete)
            return message;

        var value = request.Value % LargeEvery == 0 ? $"[{request.Value},\"{Padding}\"]" : $"[{request.Value}]";
        var body = request.Kind is OperationKind.Create ? $$"""{"key":"{{request.Key}}","value":{{value}}}""" : $$"""{"value":{{value}}}""";
        message.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        return message;
    }

    private static async Task<Answer> AnswerAsync(Request request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var revision = response.Headers.ETag is { } tag ? long.Parse(tag.Tag.Trim('"'), CultureInfo.InvariantCulture) : 0;
        var fromCache = response.Headers.TryGetValues("Cache-Status", out var status) && status.First().Contains("hit", StringComparison.Ordinal);
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK or HttpStatusCode.Created:
                var value = request.Kind is OperationKind.Read ? Value(await response.Content.ReadAsStringAsync(cancellationToken)) : 0;
                return new(Outcome.Done, value, revision, fromCache);
            case HttpStatusCode.NotFound:
                return new(Outcome.Missing, FromCache: fromCache);
            case HttpStatusCode.Conflict:
                return new(Outcome.Exists);
            case HttpStatusCode.PreconditionFailed:
                return new(Outcome.Refused);
            case HttpStatusCode.ServiceUnavailable when await SaysNothingWasStoredAsync(response, cancellationToken):
                return new(Outcome.Unavailable);
            case >= HttpStatusCode.InternalServerError:
                return new(Outcome.Unknown);
            default:
                throw new InvalidOperationException(
                    $"{request.Kind}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellationToken)}");
        }
    }

    // UNAVAILABLE promises that nothing was stored, and the checker relies on that. OUTCOME_UNKNOWN has the same status.
    private static async Task<bool> SaysNothingWasStoredAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        (await response.Content.ReadAsStringAsync(cancellationToken)).Contains("\"UNAVAILABLE\"", StringComparison.Ordinal);

    private static long Value(string body)
    {
        const string Before = "\"value\":[";
        var from = body.IndexOf(Before, StringComparison.Ordinal) + Before.Length;
        return long.Parse(body.AsSpan(from, body.AsSpan(from).IndexOfAny(',', ']')), CultureInfo.InvariantCulture);
    }
}
