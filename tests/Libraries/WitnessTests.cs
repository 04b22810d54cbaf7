using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KvAspire.TestKit;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.Libraries.Tests;

/// <summary>The witness of all suites finds secrets in logs and traces.</summary>
public sealed partial class WitnessTests
{
    /// <summary>The source in which these tests trace secrets.</summary>
    internal const string Source = "a source that tells secrets";

    private static readonly RSA Key = RSA.Create(2048);
    private static readonly string Token = $"{Encode("""{"alg":"RS256","typ":"at+jwt"}""")}.{Encode("""{"sub":"somebody"}""")}.{Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(256))}";

    public static TheoryData<string, string> Secrets => new()
    {
        { "an access token", Token },
        { "an access token without a signature", Token[..(Token.LastIndexOf('.') + 1)] },
        { "the signature of one", Token[(Token.LastIndexOf('.') + 1)..] },
        { "an API key", $"kva_1234abcd_{Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(40))}" },
        { "a private key", Key.ExportPkcs8PrivateKeyPem() },
        { "a private JWK", JsonSerializer.Serialize(new { kty = "RSA", d = Base64UrlEncoder.Encode(Key.ExportParameters(true).D) }) },
        { "a private JWK in JSON", JsonSerializer.Serialize(JsonSerializer.Serialize(new { kty = "RSA", d = Base64UrlEncoder.Encode(Key.ExportParameters(true).D) })).Replace("\\u0022", "\\\"", StringComparison.Ordinal) },
        { "the hash of a password", new PasswordHasher<object>().HashPassword(new(), "a password") },
        { "a word that is known", "known to be a secret" },
    };

    [Theory]
    [MemberData(nameof(Secrets))]
    public void The_witness_finds_a_secret_in_every_part_of_a_log_and_a_trace(string kind, string secret)
    {
        foreach (var (place, tell) in Places())
        {
            using var witness = new Witness();
            witness.Mind("known to be a secret");
            using var logs = LoggerFactory.Create(logging =>
            {
                logging.SetMinimumLevel(LogLevel.Trace);
                witness.Attend(logging.Services);
            });

            tell(logs.CreateLogger("a category"), "nothing that matters");
            Assert.True(witness.Count > 0, $"Nothing is heard of {place}.");
            witness.AssertNothingIsBetrayed();

            tell(logs.CreateLogger("a category"), secret);
            Assert.True(witness.Findings().Any(line => line.Contains(secret, StringComparison.Ordinal)), $"{kind} is not caught in {place}.");
            Assert.ThrowsAny<Exception>(() => witness.AssertNothingIsBetrayed());
        }
    }

    [Fact]
    public void Kept_texts_can_be_searched_for_words_that_become_known_later()
    {
        using var witness = new Witness(keeps: true);
        using var logs = LoggerFactory.Create(logging => witness.Attend(logging.Services));
        Log.Said(logs.CreateLogger("a category"), "which looks like nothing");

        witness.AssertNothingIsBetrayed("of another");
        Assert.Contains("which looks like nothing", Assert.Single(witness.Findings("of another", "which looks like nothing")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_witness_observes_a_service_and_a_later_one()
    {
        foreach (var path in new[] { "/bug", "/fine/x" })
        {
            var before = SmallService.Witness.Count;
            await using var service = await SmallService.StartAsync();
            (await service.Client.GetAsync(path, TestContext.Current.CancellationToken)).Dispose();
            Assert.True(SmallService.Witness.Count > before, $"{path} is not heard.");
        }
    }

    private static IEnumerable<(string Place, Action<ILogger, string> Tell)> Places() =>
    [
        ("a message", (log, text) => Log.Said(log, text)),
        ("a value that is in no message", (log, text) => Bear(log, text)),
        ("a list", (log, text) => Bear(log, new[] { "x", text })),
        ("an exception", (log, text) => Log.Failed(log, new InvalidOperationException("outer", new InvalidOperationException(text)))),
        ("a scope", (log, text) => log.BeginScope(new Dictionary<string, object?> { ["value"] = text })?.Dispose()),
        ("a scope's text", (log, text) => Log.Scope(log, text)?.Dispose()),
        ("the name of a span", (_, text) => Trace(activity => activity.DisplayName = text)),
        ("a tag", (_, text) => Trace(activity => activity.SetTag("tag", text))),
        ("a tag with a list", (_, text) => Trace(activity => activity.SetTag("http.request.header.authorization", new[] { text }))),
        ("a status", (_, text) => Trace(activity => activity.SetStatus(ActivityStatusCode.Error, text))),
        ("an event", (_, text) => Trace(activity => activity.AddException(new InvalidOperationException(text)))),
        ("a baggage", (_, text) => Trace(activity => activity.SetBaggage("item", text))),
        ("a link", (_, text) => Trace(activity => activity.AddLink(new(default, new() { ["tag"] = text })))),
    ];

    private static void Bear(ILogger log, object value)
    {
        var state = new Dictionary<string, object?> { ["value"] = value };
        log.Log(LogLevel.Trace, default, state, null, (_, _) => "a message");
    }

    private static void Trace(Action<Activity> tell)
    {
        using var source = new ActivitySource(Source);
        using var activity = source.StartActivity("a span")!;
        tell(activity);
    }

    private static string Encode(string json) => Base64UrlEncoder.Encode(Encoding.UTF8.GetBytes(json));

    private static partial class Log
    {
        public static readonly Func<ILogger, string, IDisposable?> Scope = LoggerMessage.DefineScope<string>("a scope of {Value}");

        [LoggerMessage(1, LogLevel.Warning, "somebody said {Words}")]
        public static partial void Said(ILogger logger, string words);

        [LoggerMessage(2, LogLevel.Error, "a message")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
