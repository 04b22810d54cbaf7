using System.Globalization;
using System.Text.RegularExpressions;
using KvAspire.Gateway.Tests.Fixtures;

namespace KvAspire.Gateway.Tests;

/// <summary>
/// Sends each case of <see cref="AbuseTable"/> as bytes on its own connection, followed by a valid request with an
/// administrator's token. No service may ever see the second request: either the first one closes the connection, or its end
/// is ambiguous.
/// </summary>
public sealed partial class AbuseTests(RunningGateway running) : IClassFixture<RunningGateway>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names => [.. AbuseTable.All.Select(abuse => abuse.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Abuse_gets_its_expected_response_and_reaches_no_other_target(string name)
    {
        var fault = await FaultAsync(AbuseTable.All.Single(abuse => abuse.Name == name));

        Assert.True(fault is null, fault);
    }

    [Fact]
    public async Task After_all_abuse_at_once_the_gateway_still_serves_and_has_logged_no_error()
    {
        var faults = await Task.WhenAll(AbuseTable.All.Select(FaultAsync));
        using var client = running.Gateway.Client(running.Issuer.Issue("user"));

        Assert.Equal("""{"backend":"data"}""", await client.GetStringAsync("/api/data/key", Cancelled));
        Assert.All(faults, fault => Assert.True(fault is null, fault));
        Assert.DoesNotContain(running.Gateway.Log.Lines, line => !IsOfClosedConnection(line));
    }

    [Fact]
    public async Task Requests_before_an_ambiguous_one_are_answered_and_those_after_it_are_not()
    {
        var key = Guid.NewGuid().ToString("N");
        var answer = await ExchangeAsync(Get($"{key}-before")
            + $"PUT /api/data/{key}-doubtful HTTP/1.1\r\n{Head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + Get($"{key}-after"));

        Assert.Equal([200, 400], Statuses(answer));
        Assert.Equal([$"/api/data/{key}-before"], TargetsSeen(key));
    }

    [Fact]
    public async Task An_unread_body_is_never_taken_for_the_next_request()
    {
        var key = Guid.NewGuid().ToString("N");
        var body = Get($"{key}-within");
        var answer = await ExchangeAsync($"PUT /api/data/{key} HTTP/1.1\r\nHost: {running.Gateway.Address.Authority}\r\nContent-Length: {body.Length}\r\n\r\n{body}"
            + Get($"{key}-next", "Connection: close\r\n"));

        Assert.Equal([401, 200], Statuses(answer));
        Assert.Equal([$"/api/data/{key}-next"], TargetsSeen(key));
    }

    private string Head => $"Host: {running.Gateway.Address.Authority}\r\nAuthorization: Bearer {running.Issuer.Issue("user")}\r\n";

    private string Get(string key, string headers = "") => $"GET /api/data/{key} HTTP/1.1\r\n{Head}{headers}\r\n";

    private IEnumerable<string> TargetsSeen(string key) => Seen(key).Select(arrival => arrival.Target);

    private IEnumerable<Arrival> Seen(string key) =>
        running.Data.Arrivals.Concat(running.Identity.Arrivals).Where(arrival => arrival.Target.Contains(key, StringComparison.Ordinal));

    private static IEnumerable<int> Statuses(string answer) => StatusLine().Matches(answer)
        .Select(line => int.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture)).Where(status => status != 100);

    // Kestrel logs these when it closes a broken connection.
    private static bool IsOfClosedConnection(string line) =>
        line.StartsWith("Warning Microsoft.AspNetCore.Server.Kestrel: Connection processing ended abnormally.", StringComparison.Ordinal)
        || (line.StartsWith("Error Microsoft.AspNetCore.Server.Kestrel: Connection id", StringComparison.Ordinal)
            && line.Contains("automatic draining of the request body failed", StringComparison.Ordinal));

    // The fault, or null.
    private async Task<string?> FaultAsync(AbuseCase abuse)
    {
        var key = Guid.NewGuid().ToString("N");
        var answer = await SendAsync(abuse, key);
        var seen = Seen(key).ToList();

        var fault = FaultOf(abuse, answer) ?? FaultOf(abuse, seen, abuse.Arrives.Replace("{key}", key, StringComparison.Ordinal));
        return fault is null ? null : $"{abuse.Name}: {fault}\nSeen: {string.Join(", ", seen.Select(arrival => $"{arrival.Method} {arrival.Target} ({arrival.Bytes})"))}\n{answer}";
    }

    private Task<string> SendAsync(AbuseCase abuse, string key)
    {
        var address = running.Gateway.Address;
        var request = abuse.Request
            .Replace("{key}", key, StringComparison.Ordinal)
            .Replace("{host}", address.Authority, StringComparison.Ordinal)
            .Replace("{token}", running.Issuer.Issue("user", "kv:read kv:write"), StringComparison.Ordinal);
        var second = $"GET /api/admin/second-{key} HTTP/1.1\r\nHost: {address.Authority}\r\n"
            + $"Authorization: Bearer {running.Issuer.Issue("admin", "kv:read kv:write kv:admin")}\r\n\r\n";

        return ExchangeAsync(request + second);
    }

    private async Task<string> ExchangeAsync(string bytes)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        patience.CancelAfter(Patience);
        try
        {
            return await RawHttp.ExchangeAsync(running.Gateway.Address, bytes, patience.Token);
        }
        catch (OperationCanceledException) when (!Cancelled.IsCancellationRequested)
        {
            return "The connection stays open.";
        }
    }

    private static string? FaultOf(AbuseCase abuse, string answer)
    {
        if (!Statuses(answer).SequenceEqual(abuse.Fate is Fate.Unanswered ? [] : [abuse.Status]))
            return $"{abuse.Status} was expected";

        var hasEnvelope = Envelope().IsMatch(answer);
        if (abuse.Fate is Fate.RefusedByServer)
            return answer.EndsWith("\r\n\r\n", StringComparison.Ordinal) ? null : "a body was not expected";
        if (abuse.Fate is Fate.RefusedByGateway or Fate.Broken)
            return hasEnvelope && (abuse.Fate is Fate.Broken || answer.Contains("\r\nConnection: close\r\n", StringComparison.Ordinal)) ? null : "the envelope was expected";
        return hasEnvelope ? "the envelope was not expected" : null;
    }

    private static string? FaultOf(AbuseCase abuse, List<Arrival> seen, string target)
    {
        if (seen.Any(arrival => arrival.Target != target))
            return "a service saw another target";
        if (abuse.Fate is Fate.Broken)
            return seen.Count <= 1 && !seen.Any(arrival => arrival.IsWhole) ? null : "a service saw it more than once, or took it for whole";
        if (abuse.Fate is not Fate.Forwarded)
            return seen.Count == 0 ? null : "a service saw it";
        if (seen is not [var only])
            return $"a service saw it {seen.Count} times";
        if (only.Target != target || only.Bytes != abuse.Bytes)
            return $"a service saw {only.Target} with {only.Bytes} bytes";
        return abuse.Without.FirstOrDefault(only.Headers.ContainsKey) is { } header ? $"the header {header} was passed on" : null;
    }

    // Not only at the beginning of a line: a body need not end with a line break.
    [GeneratedRegex(@"HTTP/1\.1 (\d{3}) ")]
    private static partial Regex StatusLine();

    [GeneratedRegex("\r\n\r\n\\{\"status\":\"error\",\"code\":\"[A-Z_]+\",\"message\":\"[^\"]+\",\"trace_id\":\"[0-9a-f]{32}\"\\}$")]
    private static partial Regex Envelope();
}
