namespace KvAspire.Identity.SealedSecrets;

/// <summary>
/// The argument <c>reencrypt</c>: encrypts everything that an older key of <c>SigningKeys:DecryptionKeys</c> encrypted with
/// <c>SigningKeys:EncryptionKey</c>, and ends. Afterwards the older keys can be taken out. Idempotent; replicas may run meanwhile.
/// </summary>
internal static class ReencryptCommand
{
    public const string Argument = "reencrypt";

    /// <summary>Runs the command and reports the outcome on the console.</summary>
    /// <returns>The exit code: 0, or 1 after a sentence with the reason.</returns>
    public static async Task<int> RunAsync(WebApplicationBuilder builder)
    {
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.None).AddFilter("Npgsql", LogLevel.None);
        builder.Services.AddSealedSecretStore();
        try
        {
            await using var app = builder.Build();
            await using var scope = app.Services.CreateAsyncScope();
            var (all, renewed) = await scope.ServiceProvider.GetRequiredService<SealedSecretStore>().RenewAsync(CancellationToken.None);
            await Console.Out.WriteLineAsync($"SigningKeys:EncryptionKey encrypts all {all} secrets of identitydb. {renewed} of them were encrypted anew.");
            return 0;
        }
        catch (Exception exception) when (StartFailure.ReasonOf(exception) is not null || exception is InvalidOperationException)
        {
            await Console.Error.WriteLineAsync($"Nothing was encrypted anew. {StartFailure.ReasonOf(exception) ?? exception.Message}");
            return 1;
        }
    }
}
