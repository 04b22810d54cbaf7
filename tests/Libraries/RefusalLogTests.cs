using KvAspire.ServiceDefaults;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Telemetry;
using KvAspire.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace KvAspire.Libraries.Tests;

/// <summary>Each error is one line, where the error is made.</summary>
public sealed class RefusalLogTests : IAsyncLifetime
{
    private readonly HeardLog log = new();
    private WebApplication app = null!;
    private HttpClient client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Configuration.AddInMemoryCollection([new("Refusals:LinesPerSecond", "5"), new("Logging:LogLevel:Microsoft.AspNetCore", "Warning")]);
        builder.AddServiceDefaults();
        log.Attend(builder.Services);
        app = builder.Build();
        app.UseServiceDefaults();
        app.MapGet("/things/{key}", () => ErrorCatalogue.KeyNotFound.AsResult());
        app.MapGet("/busy/{key}", () => ErrorCatalogue.Unavailable.AsResult(reason: "there is enough to do"));
        app.MapGet("/bug/{key}", string (string key) => throw new InvalidOperationException("a bug"));
        app.MapGet("/lost/{key}", string (string key) => throw new InvalidOperationException("wrapped", new Fault("58P01")));
        await app.StartAsync();
        client = new() { BaseAddress = new Uri(app.Urls.Single()) };
        log.Clear();
    }

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return app.DisposeAsync();
    }

    [Theory]
    [InlineData("/things/secret", 404, LogLevel.Information, "GET /things/{key} is refused with 404 KEY_NOT_FOUND: as the code says.")]
    [InlineData("/nowhere/secret", 404, LogLevel.Information, "GET (no route) is refused with 404 NOT_FOUND: as the code says.")]
    [InlineData("/busy/secret", 503, LogLevel.Warning, "GET /busy/{key} cannot be served, 503 UNAVAILABLE: there is enough to do.")]
    [InlineData("/bug/secret", 500, LogLevel.Error, "GET /bug/{key} failed with 500 INTERNAL_SERVER_ERROR: InvalidOperationException.")]
    public async Task An_error_is_one_line_with_its_reason_and_its_route(string target, int status, LogLevel level, string text)
    {
        Assert.Equal(status, (int)(await client.GetAsync(target, Cancel)).StatusCode);

        var line = Assert.Single(log.Lines, line => line.Level >= LogLevel.Information);
        Assert.Equal((level, text, status is 500), (line.Level, line.Text, line.Exception is InvalidOperationException));
    }

    [Fact]
    public async Task A_database_that_cannot_serve_is_503_and_one_line_names_the_cause_and_the_remedy()
    {
        for (var i = 0; i < 4; i++)
            await Envelope.AssertErrorAsync(await client.GetAsync("/lost/secret", Cancel), 503, "UNAVAILABLE", ErrorCatalogue.Unavailable.Message, Cancel);

        Assert.Equal(
            "Postgres cannot serve (SQLSTATE 58P01). A file of the server is missing, as after an upgrade of its package while it runs. Restart Postgres.",
            Assert.Single(log.Of(EventIds.DatabaseCannotServe)).Text);
        Assert.Equal(Enumerable.Repeat("GET /lost/{key} cannot be served, 503 UNAVAILABLE: SQLSTATE 58P01.", 4), log.Of(EventIds.RequestUnavailable).Select(line => line.Text));
    }

    [Theory]
    [InlineData("58P01", 503), InlineData("58030", 503), InlineData("53100", 503), InlineData("53200", 503), InlineData("57P03", 503)]
    [InlineData("25006", 503), InlineData("XX001", 503), InlineData("28P01", 503), InlineData("08006", 503)]
    [InlineData("XX000", 500), InlineData("23505", 500), InlineData("42P01", 500), InlineData("22021", 500)]
    public void SQLSTATEs_tell_a_server_that_cannot_serve_from_a_bug(string state, int status) =>
        Assert.Equal(status, UnhandledErrors.Of(new InvalidOperationException("wrapped", new Fault(state))).Status);

    [Fact]
    public async Task A_flood_of_refusals_is_a_few_lines_and_their_number_and_hides_no_other_code()
    {
        for (var round = 0; round < 5; round++)
            await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => client.GetAsync("/things/secret", Cancel)));
        await client.GetAsync("/busy/secret", Cancel);

        await Eventually.TrueAsync(
            () => Task.FromResult(500 == log.Of(EventIds.RequestRefused).Count + log.Of(EventIds.RefusalsOmitted).Sum(Omitted)),
            "The lines and the numbers of omitted ones do not add up.", Cancel);
        Assert.InRange(log.Of(EventIds.RequestRefused).Count, 5, 60);
        Assert.Single(log.Of(EventIds.RequestUnavailable));
    }

    private static int Omitted(HeardLine line) => int.Parse(line.Text.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

    private sealed class Fault(string state) : System.Data.Common.DbException
    {
        public override string SqlState => state;
    }
}
