using KvAspire.ServiceDefaults.Services;
using KvAspire.ServiceDefaults.Telemetry.Metrics;

namespace KvAspire.Identity.Erasure;

internal static class ErasureSetup
{
    private const string Data = "data";

    // For attempts at all replicas together. A large account is erased in small batches, and the next attempt continues.
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    public static WebApplicationBuilder AddErasure(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<ErasureOptions>()
            .BindConfiguration(ErasureOptions.Section)
            .Validate(
                options => options.Settle >= TimeSpan.Zero && options.Settle <= TimeSpan.FromHours(1),
                "Set Erasure:Settle to at most an hour, or leave it out.")
            .Validate<IConfiguration>(
                (_, configuration) => ServiceCalls.HasAddresses(configuration, Data),
                "Set services__data__http__0 to the address of the data service.");
        builder.Services.AddHttpClient<DataOwners>(client => client.Timeout = Timeout).CallService(Data);
        builder.Services.AddSurvey<ErasureSurvey>();
        builder.Services.AddSingleton<ErasureSignal>().AddHostedService<ErasureWorker>();
        return builder;
    }
}
