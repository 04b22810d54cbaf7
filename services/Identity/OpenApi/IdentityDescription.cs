namespace KvAspire.Identity.OpenApi;

/// <summary>Shared parts of this service's descriptions in the OpenAPI document.</summary>
internal static class IdentityDescription
{
    /// <summary>An answer with only a message.</summary>
    public static AnswerDescription Done(string text, string message, int status = StatusCodes.Status200OK) =>
        new(status, text) { Example = $$"""{"status":"success","message":"{{message}}"}""", Headers = ["Cache-Control"] };

    public static IServiceCollection AddDescription(this IServiceCollection services) =>
        services.AddOpenApi(DescribedService.Name, options => options.DescribeOperations());
}
