using System.Diagnostics;
using KvAspire.TokenChecking;

namespace KvAspire.Libraries.Tests;

public sealed class TokenCacheTests
{
    private static readonly long InAnHour = TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds();

    [Fact]
    public void Cached_tokens_are_found_and_their_number_is_bounded()
    {
        var cache = new TokenCache<string>(100);
        for (var index = 0; index < 10_000; index++)
        {
            cache.Keep($"token-{index}", $"{index}");
            Assert.Equal($"{index}", cache.Find($"token-{index}"));
            Assert.NotNull(cache.Find("token-0")); // what is in use stays
        }

        Assert.InRange(cache.Count, 50, 101);
        Assert.Null(cache.Find("token-1"));
        Assert.Null(cache.Find(""));
        Assert.Null(cache.Find(new string('x', 100_000)));
    }

    [Fact]
    public void A_hit_costs_about_a_microsecond()
    {
        var cache = new TokenCache<string>(10_000);
        var tokens = Enumerable.Range(0, 1_000).Select(index => new string('t', 800) + index).ToArray();
        foreach (var token in tokens)
            cache.Keep(token, token);

        var best = TimeSpan.MaxValue;
        for (var round = 0; round < 20; round++)
        {
            var clock = Stopwatch.StartNew();
            for (var index = 0; index < 10_000; index++)
                Assert.NotNull(cache.Find(tokens[index % tokens.Length]));
            best = clock.Elapsed < best ? clock.Elapsed : best;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{best.TotalMicroseconds / 10_000:0.00} µs");
        Assert.InRange(best.TotalMicroseconds / 10_000, 0, 10); // on a busy machine; alone it is about one
    }

    [Fact]
    public void Revocations_cover_only_the_tokens_that_they_identify()
    {
        var list = new RevocationList(TimeProvider.System);
        list.Add(
            new(RevocationKinds.Token, "t1", 0, InAnHour),
            new(RevocationKinds.Session, "s1", 0, InAnHour),
            new(RevocationKinds.Subject, "u1", 1000, InAnHour),
            new("unknown", "x", 0, InAnHour),
            new(RevocationKinds.Token, "over", 0, 1));

        Assert.True(list.Covers("t1", null, "u", 2000));
        Assert.True(list.Covers("t", "s1", "u", 2000));
        Assert.True(list.Covers("t", null, "u1", 999));
        Assert.False(list.Covers("t", "t1", "s1", 0));
        Assert.False(list.Covers("over", "s", "u1", 1000));
        Assert.Equal(3, list.Count);
    }

    [Fact]
    public void A_repeated_revocation_keeps_the_version_and_a_wider_one_changes_it()
    {
        var list = new RevocationList(TimeProvider.System);
        list.Add(new Revocation(RevocationKinds.Subject, "u", 1000, InAnHour));
        var version = list.Version;
        list.Add(new Revocation(RevocationKinds.Subject, "u", 1000, InAnHour), new Revocation(RevocationKinds.Subject, "u", 900, InAnHour));
        Assert.Equal(version, list.Version);
        list.Add(new Revocation(RevocationKinds.Subject, "u", 1100, InAnHour));
        Assert.NotEqual(version, list.Version);
        Assert.True(list.Covers("t", null, "u", 1050));
    }

    [Fact]
    public void Expired_revocations_leave_the_list()
    {
        var clock = new ShiftedClock();
        var list = new RevocationList(clock);
        list.Add(new Revocation(RevocationKinds.Session, "s", 0, InAnHour));
        clock.Shift = TimeSpan.FromHours(2);
        list.Prune();
        Assert.Equal(0, list.Count);
    }

    private sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
    }
}
