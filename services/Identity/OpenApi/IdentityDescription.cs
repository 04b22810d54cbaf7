using KvAspire.ServiceDefaults.OpenApi;

namespace KvAspire.Identity.OpenApi;

/// <summary>Registers what describes this service in the OpenAPI document.</summary>
internal static class IdentityDescription
{
    /// <summary>An answer that has a sentence alone.</summary>
    /// <param name="text">What it means.</param>
    /// <param name="message">The sentence.</param>
    /// <param name="status">Its status.</param>
    public static AnswerDescription Done(string text, string message, int status = StatusCodes.Status200OK) =>
        new(status, text) { Example = $$"""{"status":"success","message":"{{message}}"}""" };

    public static IServiceCollection AddDescription(this IServiceCollection services) =>
        services.AddOpenApi(DescribedService.Name, options => options.DescribeOperations());
}
