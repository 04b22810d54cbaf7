namespace KvAspire.Identity.Erasure;

/// <summary>Registers the erasure of accounts.</summary>
internal static class ErasureRegistration
{
    private const string DataAddress = "services:data:http:0";

    // A large account takes its time. It is erased in small batches, and goes on where it was.
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    public static WebApplicationBuilder AddErasure(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<ErasureOptions>()
            .BindConfiguration(ErasureOptions.Section)
            .Validate(
                options => options.Settle >= TimeSpan.Zero && options.Settle <= TimeSpan.FromHours(1),
                "Set Erasure:Settle to at most an hour, or leave it out.")
            .Validate<IConfiguration>(
                (_, configuration) => Uri.TryCreate(configuration[DataAddress], UriKind.Absolute, out var _),
                "Set services__data__http__0 to the address of the data service.")
            .ValidateOnStart();
        builder.Services.AddHttpClient<DataOwners>((services, client) =>
        {
            client.BaseAddress = new Uri(services.GetRequiredService<IConfiguration>()[DataAddress]!.TrimEnd('/') + "/");
            client.Timeout = Timeout;
        });
        builder.Services.AddSingleton<ErasureSignal>().AddHostedService<ErasureWorker>();
        return builder;
    }
}
