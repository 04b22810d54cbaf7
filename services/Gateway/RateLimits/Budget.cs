namespace KvAspire.Gateway.RateLimits;

/// <summary>How much one user, or one address, may ask for: <see cref="Limit"/> requests in any <see cref="Window"/>.</summary>
internal sealed class Budget
{
    /// <summary>How many requests; 0 for no limit.</summary>
    public int Limit { get; set; }

    /// <summary>In how long: whole seconds.</summary>
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether it makes sense.</summary>
    public bool IsValid =>
        Limit is >= 0 and <= 100_000_000 && Window >= TimeSpan.FromSeconds(1) && Window <= TimeSpan.FromDays(1) && Window.Ticks % TimeSpan.TicksPerSecond == 0;
}
