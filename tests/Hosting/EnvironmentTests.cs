using System.Net.Http.Json;
using Aspire.Hosting.Testing;

namespace KvAspire.Hosting.Tests;

public sealed class EnvironmentTests
{
    [Fact]
    public async Task A_project_gets_exactly_the_variables_that_Aspire_injects()
    {
        var builder = Apps.Builder();
        var database = builder.AddPostgres("postgres").AddDatabase("kv-db", "entries");
        var cache = builder.AddRedis("cache");
        var secret = builder.AddParameter("secret", "s3cret", secret: true);
        var other = builder.AddProject("other", Apps.EchoProject);
        StartOrderTests.Free(other);
        var echo = builder.AddProject("echo", Apps.EchoProject)
            .WithReference(database).WithReference(cache).WithReference(other)
            .WithEnvironment("SECRET", secret)
            .WithEnvironment("ADDRESS", $"at {other.GetEndpoint("http")}")
            .WithHttpHealthCheck("/health", endpointName: "http");
        StartOrderTests.Free(echo);
        await using var app = await builder.StartAsync();
        await app.HealthyAsync("echo");

        using var client = app.CreateHttpClient("echo");
        var variables = await client.GetFromJsonAsync<Dictionary<string, string>>("/env", TestContext.Current.CancellationToken);
        var inherited = Environment.GetEnvironmentVariables();
        var injected = variables!.Where(v => !Equals(inherited[v.Key], v.Value)).ToDictionary();
        Assert.StartsWith("service.instance.id=echo-", injected["OTEL_RESOURCE_ATTRIBUTES"], StringComparison.Ordinal);
        Assert.Matches("^http://localhost:[0-9]+$", injected["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        injected.Remove("OTEL_RESOURCE_ATTRIBUTES");
        injected.Remove("OTEL_EXPORTER_OTLP_ENDPOINT");

        var (postgres, redis) = (Port(app, "postgres"), Port(app, "cache"));
        var password = await PasswordAsync(app, "postgres");
        var cachePassword = await PasswordAsync(app, "cache");
        var (otherHttp, otherH2c) = (Url(app, "other", "http"), Url(app, "other", "h2c"));
        Assert.Equal(
            new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                ["ADDRESS"] = $"at {otherHttp}",
                ["ASPNETCORE_ENVIRONMENT"] = "Development",
                ["CACHE_HOST"] = "localhost",
                ["CACHE_PASSWORD"] = cachePassword,
                ["CACHE_PORT"] = redis,
                ["CACHE_URI"] = $"redis://:{cachePassword}@localhost:{redis}",
                ["ConnectionStrings__cache"] = $"localhost:{redis},password={cachePassword}",
                ["ConnectionStrings__kv-db"] =
                    $"Host=localhost;Port={postgres};Username=postgres;Password={password};Database=entries",
                ["DOTNET_LAUNCH_PROFILE"] = "http",
                ["FROM_PROFILE"] = "yes",
                ["KV_DB_DATABASENAME"] = "entries",
                ["KV_DB_HOST"] = "localhost",
                ["KV_DB_JDBCCONNECTIONSTRING"] = $"jdbc:postgresql://localhost:{postgres}/entries",
                ["KV_DB_PASSWORD"] = password,
                ["KV_DB_PORT"] = postgres,
                ["KV_DB_URI"] = $"postgresql://postgres:{Uri.EscapeDataString(password)}@localhost:{postgres}/entries",
                ["KV_DB_USERNAME"] = "postgres",
                ["Kestrel__Endpoints__h2c__Url"] = Url(app, "echo", "h2c"),
                ["Kestrel__Endpoints__http__Url"] = Url(app, "echo", "http"),
                ["LOGGING__CONSOLE__FORMATTERNAME"] = "simple",
                ["LOGGING__CONSOLE__FORMATTEROPTIONS__SINGLELINE"] = "true",
                ["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory",
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc",
                ["OTEL_SERVICE_NAME"] = "echo",
                ["OTHER_H2C"] = otherH2c,
                ["OTHER_HTTP"] = otherHttp,
                ["SECRET"] = "s3cret",
                ["services__other__h2c__0"] = otherH2c,
                ["services__other__http__0"] = otherHttp,
            },
            new SortedDictionary<string, string>(injected, StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_project_without_launch_profile_and_Kestrel_endpoints_gets_neither_ports_nor_an_environment()
    {
        var builder = Apps.Builder();
        var echo = builder.AddProject("echo", Apps.EchoProject, options =>
            (options.ExcludeLaunchProfile, options.ExcludeKestrelEndpoints) = (true, true));

        Assert.Empty(echo.Resource.GetEndpoints());
        echo.WithArgs("exit", "0");
        await using var app = await builder.StartAsync();
        await app.StateAsync("echo", "Finished");
    }

    [Fact]
    public void Endpoints_come_from_the_Kestrel_configuration_rather_than_the_launch_profile()
    {
        var endpoints = Apps.Builder().AddProject("echo", Apps.EchoProject).Resource.Annotations.OfType<EndpointAnnotation>();

        Assert.Equal(
            [("h2c", "http", 8881, "http2"), ("http", "http", 8880, "http")],
            endpoints.OrderBy(e => e.Name).Select(e => (e.Name, e.UriScheme, e.Port!.Value, e.Transport)));
    }

    [Fact]
    public void Endpoints_come_from_the_launch_profile_where_Kestrel_has_none()
    {
        var echo = Apps.Builder().AddProject("echo", Apps.EchoProject, options => options.ExcludeKestrelEndpoints = true);

        var endpoint = Assert.Single(echo.Resource.Annotations.OfType<EndpointAnnotation>());
        Assert.Equal(("http", 8882), (endpoint.Name, endpoint.Port!.Value));
    }

    [Fact]
    public void An_unknown_launch_profile_is_refused() => Assert.Throws<DistributedApplicationException>(
        () => Apps.Builder().AddProject("echo", Apps.EchoProject, launchProfileName: "missing"));

    [Fact]
    public void Containers_are_refused_in_one_sentence() => Assert.StartsWith(
        "'web' is a container, which the hosting stand-in cannot run:",
        Assert.Throws<DistributedApplicationException>(() => Apps.Builder().AddContainer("web", "nginx")).Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task A_parameter_without_a_value_says_how_to_set_it()
    {
        var builder = Apps.Builder();
        var parameter = builder.AddParameter("missing");
        builder.AddShell("service", "sleep 1000").WithEnvironment("VALUE", parameter);
        await using var app = await builder.StartAsync();

        Assert.Equal(
            "'service' could not start: The parameter 'missing' has no value: set 'Parameters:missing' in the AppHost's settings, "
            + "or the environment variable Parameters__missing.",
            (await app.StateAsync("service", "FailedToStart", "Running")).Reason);
    }

    [Fact]
    public void A_generated_parameter_has_the_length_and_the_characters_that_were_asked_for()
    {
        var value = new GenerateParameterDefault { MinLength = 43, Special = false, MinNumeric = 5 }.GetDefaultValue();

        Assert.Matches("^[a-zA-Z0-9]{43}$", value);
        Assert.True(value.Count(char.IsAsciiDigit) >= 5);
    }

    private static string Url(DistributedApplication app, string resource, string endpoint) =>
        app.GetEndpoint(resource, endpoint).ToString().TrimEnd('/');

    private static string Port(DistributedApplication app, string resource) =>
        app.GetEndpoint(resource, "tcp").Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<string> PasswordAsync(DistributedApplication app, string resource)
    {
        var text = (await app.GetConnectionStringAsync(resource, TestContext.Current.CancellationToken))!;
        return text[(text.IndexOf("assword=", StringComparison.Ordinal) + "assword=".Length)..].Split(';')[0];
    }
}
