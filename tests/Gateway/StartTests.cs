using System.Diagnostics;
using KvAspire.TestKit;

namespace KvAspire.Gateway.Tests;

/// <summary>Starts the gateway in its own process with an invalid setting.</summary>
public sealed class StartTests
{
    private const string Somewhere = "http://127.0.0.1:9";

    [Theory]
    [InlineData("services__data__http__0", null, "Set services__data__h2c__0 or services__data__http__0 to the address of the data service.")]
    [InlineData("services__identity__http__0", null, "Set services__identity__http__0 to the address of the identity service.")]
    [InlineData("services__data__h2c__0", "localhost:8092",
        "services__data__h2c__0 is \"localhost:8092\"; it must be an address such as http://localhost:8092.")]
    [InlineData("services__data__h2c__1", "http://localhost:8092/path",
        "services__data__h2c__1 is \"http://localhost:8092/path\"; it must be an address such as http://localhost:8092.")]
    [InlineData("Limits__MaxRequestBodyBytes", "0",
        "DataAnnotation validation failed for 'BodyLimitOptions' members: 'MaxRequestBodyBytes' with the error: 'Limits:MaxRequestBodyBytes must be between 1024 and 1073741824.'.")]
    [InlineData("Connections__Max", "-1",
        "DataAnnotation validation failed for 'ConnectionLimitOptions' members: 'Max' with the error: 'Connections:Max must be between 0 and 1000000.'.")]
    [InlineData("Connections__MaxPerAddress", "-1",
        "DataAnnotation validation failed for 'ConnectionLimitOptions' members: 'MaxPerAddress' with the error: 'Connections:MaxPerAddress must be between 0 and 1000000.'.")]
    [InlineData("SlowClients__HeadersTimeout", "00:00:00",
        "DataAnnotation validation failed for 'SlowClientOptions' members: 'HeadersTimeout' with the error: 'SlowClients:HeadersTimeout must be between 00:00:01 and 00:10:00.'.")]
    [InlineData("SlowClients__MinBodyRate", "-1",
        "DataAnnotation validation failed for 'SlowClientOptions' members: 'MinBodyRate' with the error: 'SlowClients:MinBodyRate must be between 0 and 1048576.'.")]
    [InlineData("SlowClients__MinAnswerRate", "NaN",
        "DataAnnotation validation failed for 'SlowClientOptions' members: 'MinAnswerRate' with the error: 'SlowClients:MinAnswerRate must be between 0 and 1048576.'.")]
    [InlineData("SlowClients__Grace", "00:00:01",
        "DataAnnotation validation failed for 'SlowClientOptions' members: 'Grace' with the error: 'SlowClients:Grace must be between 00:00:02 and 00:10:00.'.")]
    [InlineData("TrustedNetworks__0", "10.0.0.0/33",
        "TrustedNetworks__0 is \"10.0.0.0/33\"; it must be a network such as 10.0.0.0/8 or fd00::/8.")]
    [InlineData("TrustedNetworks__1", "proxy.example",
        "TrustedNetworks__1 is \"proxy.example\"; it must be a network such as 10.0.0.0/8 or fd00::/8.")]
    [InlineData("TrustedNetworks__0", "::/0", "TrustedNetworks__0 is \"::/0\"; a service cannot trust every address.")]
    [InlineData("TrustedNetworks", "10.0.0.0/8", "TrustedNetworks is a list: set TrustedNetworks__0 to \"10.0.0.0/8\".")]
    [InlineData("Cors__Origins__0", "https://app.example/",
        "Cors__Origins__0 is \"https://app.example/\"; it must be an origin such as https://app.example, or * for any.")]
    [InlineData("Cors__Origins__1", "https://*.example",
        "Cors__Origins__1 is \"https://*.example\"; it must be an origin such as https://app.example, or * for any.")]
    [InlineData("Cors__Origins", "https://app.example", "Cors:Origins is a list: set Cors__Origins__0 to \"https://app.example\".")]
    [InlineData("Hsts__MaxAge", "-1.00:00:00",
        "DataAnnotation validation failed for 'StrictTransportOptions' members: 'MaxAge' with the error: 'Hsts:MaxAge must be between 00:00:00 and 1826.00:00:00.'.")]
    [InlineData("ServiceCalls__Secret", null,
        "Set ServiceCalls:Secret (in the environment: ServiceCalls__Secret) to a secret of at least 32 visible characters of ASCII, the same for all services.")]
    [InlineData("ServiceCalls__Secret", "tests-only-service-secret-01234",
        "Set ServiceCalls:Secret (in the environment: ServiceCalls__Secret) to a secret of at least 32 visible characters of ASCII, the same for all services.")]
    [InlineData("ServiceCalls__Secret", "tests only, service secret 0123456789",
        "Set ServiceCalls:Secret (in the environment: ServiceCalls__Secret) to a secret of at least 32 visible characters of ASCII, the same for all services.")]
    [InlineData("Tokens__Issuer", null,
        "DataAnnotation validation failed for 'AccessTokenOptions' members: 'Issuer' with the error: 'The Issuer field is required.'.")]
    public async Task An_invalid_setting_stops_the_start_with_one_clear_sentence(string key, string? value, string sentence)
    {
        var start = new ProcessStartInfo("dotnet", typeof(Program).Assembly.Location)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["Kestrel__Endpoints__http__Url"] = "http://127.0.0.1:0",
                ["Tokens__Issuer"] = "http://gateway.test",
                ["ServiceCalls__Secret"] = TestIssuer.ServiceSecret,
                ["services__identity__h2c__0"] = Somewhere,
                ["services__identity__http__0"] = Somewhere,
                ["services__data__http__0"] = Somewhere,
                ["DOTNET_DbgEnableMiniDump"] = "0",
                [key] = value,
            },
        };
        using var gateway = Process.Start(start)!;
        try
        {
            var output = gateway.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var errors = gateway.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            patience.CancelAfter(TimeSpan.FromSeconds(30));
            await output;
            await gateway.WaitForExitAsync(patience.Token);

            Assert.Equal($"The gateway cannot start. {sentence}{Environment.NewLine}", await errors);
            Assert.Equal(1, gateway.ExitCode);
        }
        finally
        {
            gateway.Kill();
        }
    }
}
