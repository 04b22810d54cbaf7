using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KvAspire.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KvAspire.ServiceDefaults.Services;

/// <summary>The options of calls between services. Section <c>ServiceCalls</c>.</summary>
public sealed class ServiceCallOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "ServiceCalls";

    private const int MinLength = 32;

    /// <summary>The secret that all services of a deployment share: 32 visible characters of ASCII or more.</summary>
    public string Secret { get; set; } = "";

    /// <summary>Whether the secret is long enough, and can be a header's value.</summary>
    public bool AreSound => Secret.Length >= MinLength && Secret.All(c => c is >= '!' and <= '~');
}

/// <summary>
/// Proves that a request comes from a service of the deployment. Every call between services carries the secret in the header
/// <c>Service-Secret</c>; <c>/internal/*</c> refuses requests without it.
/// </summary>
public sealed class ServiceSecret(IOptions<ServiceCallOptions> options)
{
    /// <summary>The header. It is not <c>Authorization</c>, where a call may also carry a token.</summary>
    public const string Header = "Service-Secret";

    private const string Internal = "/internal";

    private readonly string secret = options.Value.Secret;

    /// <summary>Adds the proof to a request, or to all requests of a client.</summary>
    public void AddTo(HttpRequestHeaders headers) => headers.TryAddWithoutValidation(Header, secret);

    /// <summary>Whether a request may pass: it is not for <c>/internal/*</c>, or it has the proof.</summary>
    internal bool Admits(HttpRequest request) => !request.Path.StartsWithSegments(Internal) || IsIn(request.Headers);

    private bool IsIn(IHeaderDictionary headers) => headers[Header] is [{ } sent]
        && CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(sent.AsSpan()), MemoryMarshal.AsBytes(secret.AsSpan()));
}

/// <summary>Registers and demands the <see cref="ServiceSecret"/>.</summary>
public static class ServiceSecretSetup
{
    /// <summary>Registers the secret. A service that calls others, or answers them, does not start without it.</summary>
    public static IServiceCollection AddServiceSecret(this IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(ServiceSecret)))
            return services;

        services.AddOptionsWithValidateOnStart<ServiceCallOptions>()
            .BindConfiguration(ServiceCallOptions.Section)
            .Validate(
                options => options.AreSound,
                "Set ServiceCalls:Secret (in the environment: ServiceCalls__Secret) to a secret of at least 32 visible characters of ASCII, "
                + "the same for all services.");
        return services.AddSingleton<ServiceSecret>();
    }

    /// <summary>
    /// Refuses requests for <c>/internal/*</c> without the secret, before they are authenticated. The status is 403: 401 would
    /// mean to a caller that the credentials of its request are wrong.
    /// </summary>
    public static void UseServiceSecret(this WebApplication app)
    {
        // Resolved at the first request: a service that only writes its OpenAPI document has no secret.
        var secret = new Lazy<ServiceSecret>(() => app.Services.GetRequiredService<ServiceSecret>());
        app.Use((context, next) => secret.Value.Admits(context.Request)
            ? next(context)
            : ErrorCatalogue.InsufficientScope.AsResult("This address answers only to services of this deployment.").ExecuteAsync(context));
    }
}
