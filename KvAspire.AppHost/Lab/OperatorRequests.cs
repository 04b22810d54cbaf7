using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace KvAspire.AppHost.Lab;

/// <summary>Requests of the operator to a service's own port, with both secrets.</summary>
internal sealed class OperatorRequests(ParameterResource operatorSecret, ParameterResource serviceSecret)
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(30) };

    /// <returns>The member <c>data</c> of the answer.</returns>
    /// <exception cref="HttpRequestException">The service does not answer, or refuses.</exception>
    public async Task<JsonNode> PostAsync(EndpointReference service, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(new Uri(service.Url), path));
        request.Headers.Authorization = new("Bearer", await operatorSecret.GetValueAsync(cancellationToken));
        request.Headers.Add("Service-Secret", await serviceSecret.GetValueAsync(cancellationToken));
        using var answer = await Client.SendAsync(request, cancellationToken);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))!["data"]!;
    }
}
