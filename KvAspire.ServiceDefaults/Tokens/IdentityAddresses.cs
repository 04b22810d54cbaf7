using Microsoft.Extensions.Configuration;

namespace KvAspire.ServiceDefaults.Tokens;

/// <summary>
/// Where the identity service itself is: its discovery document names the public door, and a service behind the door must
/// not need it to check a token.
/// </summary>
public sealed class IdentityAddresses(IConfiguration configuration)
{
    internal const string None = "Set services__identity__http__0 to the address of the identity service.";

    /// <summary>One for each replica, or one for all of them.</summary>
    public IReadOnlyList<Uri> All { get; } = [.. configuration.GetSection("services:identity:http").GetChildren()
        .Select(replica => new Uri(replica.Value!))];

    /// <summary>Tries one replica after another, until one succeeds.</summary>
    public async Task<T> TryEachAsync<T>(Func<Uri, Task<T>> attempt, CancellationToken cancellationToken)
    {
        for (var replica = 0; ; replica++)
        {
            try
            {
                return await attempt(All[replica]);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException
                && replica < All.Count - 1)
            {
                // The next one may be better off; the last one's failure is everybody's.
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }
}
