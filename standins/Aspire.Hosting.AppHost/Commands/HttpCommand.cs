using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Commands;

/// <summary>A command that is a request to the resource.</summary>
internal sealed class HttpCommand(EndpointReference endpoint, string path, HttpMethod method, HttpCommandOptions options)
{
    public async Task<ExecuteCommandResult> ExecuteAsync(ExecuteCommandContext context)
    {
        using var client = context.ServiceProvider.GetRequiredService<IHttpClientFactory>().CreateClient();
        using var request = new HttpRequestMessage(method, new Uri(new Uri(endpoint.Url), path));
        if (options.PrepareRequest is { } prepare)
        {
            await prepare(new()
            {
                ServiceProvider = context.ServiceProvider,
                ResourceName = context.ResourceName,
                Endpoint = endpoint,
                CancellationToken = context.CancellationToken,
                Request = request,
            });
        }

        using var answer = await client.SendAsync(request, context.CancellationToken);
        return answer.IsSuccessStatusCode
            ? CommandResults.Success()
            : CommandResults.Failure($"{method} {request.RequestUri} was answered with {(int)answer.StatusCode}.");
    }
}
