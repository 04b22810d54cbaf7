using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace KvAspire.AppHost.Lab;

/// <summary>A user of the lab. It is registered at its first sign-in; all have the same password.</summary>
/// <param name="Name">The user name.</param>
/// <param name="FullName">The full name.</param>
/// <param name="Password">The parameter with the password.</param>
/// <param name="Gateway">The gateway's public URL.</param>
internal sealed record LabUser(string Name, string FullName, ParameterResource Password, ReferenceExpression Gateway)
{
    /// <summary>Signs in.</summary>
    /// <param name="connections">How many connections the client opens at most.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>A client of the gateway with the user's access token, which lives for an hour.</returns>
    /// <exception cref="DistributedApplicationException">The gateway does not answer, or the user has another password.</exception>
    public async Task<HttpClient> SignInAsync(int connections, CancellationToken cancellationToken)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = connections })
        {
            BaseAddress = new Uri((await Gateway.GetValueAsync(cancellationToken))!),
            Timeout = TimeSpan.FromSeconds(10),
        };
        try
        {
            var token = await TokenAsync(client, cancellationToken);
            if (token is null)
            {
                await RegisterAsync(client, cancellationToken);
                token = await TokenAsync(client, cancellationToken)
                    ?? throw new DistributedApplicationException($"The user {Name} has another password than the parameter {Password.Name}.");
            }

            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
            return client;
        }
        catch (HttpRequestException exception)
        {
            client.Dispose();
            throw new DistributedApplicationException($"The gateway could not sign {Name} in: {exception.Message}", exception);
        }
    }

    private async Task<string?> TokenAsync(HttpClient client, CancellationToken cancellationToken)
    {
        var password = await Password.GetValueAsync(cancellationToken);
        using var answer = await client.PostAsJsonAsync("/api/token", new { username = Name, password }, cancellationToken);
        if (answer.StatusCode is HttpStatusCode.Unauthorized)
            return null;

        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))!["data"]!["access_token"]!.GetValue<string>();
    }

    private async Task RegisterAsync(HttpClient client, CancellationToken cancellationToken)
    {
        var password = await Password.GetValueAsync(cancellationToken);
        var person = new { username = Name, email = $"{Name}@example.com", password, full_name = FullName };
        using var answer = await client.PostAsJsonAsync("/api/register", person, cancellationToken);
        if (answer.StatusCode is not HttpStatusCode.Conflict)
            answer.EnsureSuccessStatusCode();
    }
}
