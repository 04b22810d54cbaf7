using KvAspire.Identity.Requests;

namespace KvAspire.Identity.Tests;

/// <summary>The token buckets that count introspections and failed client authentications.</summary>
public sealed class MinuteBucketsTests
{
    private static readonly string[] Late = ["a", "b", "c"];

    private readonly ManualClock clock = new();

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(45)]
    [InlineData(61)]
    [InlineData(119)]
    [InlineData(60_000)]
    public void Bucket_grants_a_minute_of_requests_at_once_and_then_exactly_its_rate(int perMinute)
    {
        var buckets = new MinuteBuckets(perMinute, clock);
        Assert.Equal(perMinute, TakeAll(buckets));

        var granted = 0;
        for (var second = 0; second < 600; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            granted += TakeAll(buckets);
        }

        Assert.InRange(granted, (perMinute * 10) - 1, (perMinute * 10) + 1); // a refill is rounded to 100 ns
    }

    [Fact]
    public void Refused_request_succeeds_after_the_wait_and_not_before()
    {
        var buckets = new MinuteBuckets(3, clock);
        TakeAll(buckets);
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.FromSeconds(15), buckets.Take("name"));
        Assert.Null(buckets.Take("other"));
        clock.Advance(TimeSpan.FromSeconds(14.9));
        Assert.NotNull(buckets.Take("name"));
        clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Null(buckets.Take("name"));
    }

    [Fact]
    public void Names_beyond_the_most_share_a_bucket_until_others_are_full_again()
    {
        var buckets = new MinuteBuckets(2, clock);
        for (var name = 0; name < MinuteBuckets.MaxNames; name++)
            Assert.Null(buckets.Take($"{name}"));

        Assert.Equal([null, null, TimeSpan.FromSeconds(30)], Late.Select(buckets.Take));
        Assert.Null(buckets.Take("0"));

        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.All(Late, name => Assert.Null(buckets.Take(name)));
    }

    [Fact]
    public void Rate_of_zero_allows_any_number()
    {
        var buckets = new MinuteBuckets(0, clock);
        for (var i = 0; i < 1_000; i++)
            Assert.Null(buckets.Take("name"));
    }

    private static int TakeAll(MinuteBuckets buckets)
    {
        var granted = 0;
        while (buckets.Take("name") is null)
            granted++;
        return granted;
    }

    private sealed class ManualClock : TimeProvider
    {
        private TimeSpan now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now.Ticks;

        public void Advance(TimeSpan time) => now += time;
    }
}
