using System.Globalization;
using System.Text.RegularExpressions;
using KvAspire.Gateway.Tests.Edge;

namespace KvAspire.Gateway.Tests;

/// <summary>
/// What strangers try: each case of <see cref="AbuseTable"/> as bytes on a connection of its own. Behind each comes a second
/// request, right in itself, with a token that may do everything: nobody must ever see it, for either the first one asked for
/// the connection to be closed, or nobody can know where it ended.
/// </summary>
public sealed partial class AbuseTests(RunningGateway running) : IClassFixture<RunningGateway>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names => [.. AbuseTable.All.Select(abuse => abuse.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Abuse_is_answered_as_it_should_be_and_reaches_nothing_that_it_must_not(string name)
    {
        var fault = await FaultAsync(AbuseTable.All.Single(abuse => abuse.Name == name));

        Assert.True(fault is null, fault);
    }

    [Fact]
    public async Task After_all_of_it_at_once_the_gateway_serves_on_and_has_logged_no_fault()
    {
        var faults = await Task.WhenAll(AbuseTable.All.Select(FaultAsync));
        using var client = running.Gateway.Client(running.Issuer.Issue("user"));

        Assert.Equal("""{"backend":"data"}""", await client.GetStringAsync("/api/data/key", Cancelled));
        Assert.All(faults, fault => Assert.True(fault is null, fault));
        Assert.DoesNotContain(running.Gateway.Log.Lines, line => !TellsOfAConnectionGivenUp(line));
    }

    // The server's own words for what it did not expect. It has closed the connection, and that is all.
    private static bool TellsOfAConnectionGivenUp(string line) =>
        line.StartsWith("Warning Microsoft.AspNetCore.Server.Kestrel: Connection processing ended abnormally.", StringComparison.Ordinal)
        || (line.StartsWith("Error Microsoft.AspNetCore.Server.Kestrel: Connection id", StringComparison.Ordinal)
            && line.Contains("automatic draining of the request body failed", StringComparison.Ordinal));

    // What is wrong; null where nothing is.
    private async Task<string?> FaultAsync(AbuseCase abuse)
    {
        var key = Guid.NewGuid().ToString("N");
        var answer = await SendAsync(abuse, key);
        var seen = running.Data.Arrivals.Concat(running.Identity.Arrivals)
            .Where(arrival => arrival.Target.Contains(key, StringComparison.Ordinal)).ToList();

        var fault = FaultOf(abuse, answer) ?? FaultOf(abuse, seen, abuse.Arrives.Replace("{key}", key, StringComparison.Ordinal));
        return fault is null ? null : $"{abuse.Name}: {fault}\nSeen: {string.Join(", ", seen.Select(arrival => $"{arrival.Method} {arrival.Target} ({arrival.Bytes})"))}\n{answer}";
    }

    private async Task<string> SendAsync(AbuseCase abuse, string key)
    {
        var address = running.Gateway.Address;
        var request = abuse.Request
            .Replace("{key}", key, StringComparison.Ordinal)
            .Replace("{host}", address.Authority, StringComparison.Ordinal)
            .Replace("{token}", running.Issuer.Issue("user", "kv:read kv:write"), StringComparison.Ordinal);
        var second = $"GET /api/admin/second-{key} HTTP/1.1\r\nHost: {address.Authority}\r\n"
            + $"Authorization: Bearer {running.Issuer.Issue("admin", "kv:read kv:write kv:admin")}\r\n\r\n";

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        patience.CancelAfter(Patience);
        try
        {
            return await RawHttp.ExchangeAsync(address, request + second, patience.Token);
        }
        catch (OperationCanceledException) when (!Cancelled.IsCancellationRequested)
        {
            return "The connection stays open.";
        }
    }

    private static string? FaultOf(AbuseCase abuse, string answer)
    {
        var statuses = StatusLine().Matches(answer).Select(line => int.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture)).Where(status => status != 100).ToList();
        if (!statuses.SequenceEqual(abuse.Fate is Fate.Unanswered ? [] : [abuse.Status]))
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
        if (seen.Any(arrival => !target.EndsWith(arrival.Target, StringComparison.Ordinal)))
            return "a service saw another target";
        if (abuse.Fate is Fate.Broken)
            return seen.Count <= 1 ? null : "a service saw it more than once";
        if (abuse.Fate is not Fate.Forwarded)
            return seen.Count == 0 ? null : "a service saw it";
        if (seen is not [var only])
            return $"a service saw it {seen.Count} times";
        if (only.Target != target || only.Bytes != abuse.Bytes)
            return $"a service saw {only.Target} with {only.Bytes} bytes";
        return abuse.Without.FirstOrDefault(only.Headers.ContainsKey) is { } header ? $"the header {header} was passed on" : null;
    }

    [GeneratedRegex(@"^HTTP/1\.1 (\d{3}) ", RegexOptions.Multiline)]
    private static partial Regex StatusLine();

    [GeneratedRegex("\r\n\r\n\\{\"status\":\"error\",\"code\":\"[A-Z_]+\",\"message\":\"[^\"]+\",\"trace_id\":\"[0-9a-f]{32}\"\\}$")]
    private static partial Regex Envelope();
}
