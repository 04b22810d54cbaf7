using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KvAspire.ServiceDefaults.Services;

/// <summary>The options of the operator, who needs no account. Section <c>Operator</c>.</summary>
public sealed class OperatorOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Operator";

    /// <summary>The secret that the AppHost's commands present. Empty: commands are refused.</summary>
    public string Secret { get; set; } = "";
}

/// <summary>
/// Proves that a request comes from the operator: it carries the secret as its bearer token, beside the
/// <see cref="ServiceSecret"/> that all of <c>/internal/*</c> demands.
/// </summary>
public sealed class OperatorSecret(IOptions<OperatorOptions> options)
{
    /// <summary>Whether a request has the proof.</summary>
    public bool IsIn(HttpRequest request) =>
        options.Value.Secret.Length > 0
        && CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes($"Bearer {options.Value.Secret}")),
            SHA256.HashData(Encoding.UTF8.GetBytes(request.Headers.Authorization.ToString())));
}

/// <summary>Registers the <see cref="OperatorSecret"/>.</summary>
public static class OperatorSecretSetup
{
    /// <summary>Registers the secret. A service without it refuses all commands of the operator.</summary>
    public static IServiceCollection AddOperatorSecret(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<OperatorOptions>()
            .BindConfiguration(OperatorOptions.Section)
            .Validate(options => options.Secret.Length is 0 or >= 20, "Set Operator:Secret to 20 characters or more, or leave it out.");
        return services.AddSingleton<OperatorSecret>();
    }
}
