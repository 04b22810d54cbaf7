using System.Diagnostics.Metrics;

namespace KvAspire.Identity.SigningKeys;

/// <summary>Observes the age of the key that signs, and the time until the next one.</summary>
internal sealed class SigningKeyMetrics
{
    private readonly SigningKeyRing ring;
    private readonly TimeSpan rotateEvery;
    private readonly TimeProvider clock;

    public SigningKeyMetrics(
        IMeterFactory meters, IHostEnvironment environment, SigningKeyRing ring, IOptions<SigningKeyOptions> options, TimeProvider clock)
    {
        (this.ring, rotateEvery, this.clock) = (ring, options.Value.RotateEvery, clock);
        var meter = meters.Create(environment.ApplicationName);
        meter.CreateObservableGauge("kvaspire.signing_key.age", Age, "s", "How long the key that signs tokens has been signing.");
        meter.CreateObservableGauge(
            "kvaspire.signing_key.next_rotation", NextRotation, "s", "How long until the next key signs, as planned; negative where that is overdue.");
    }

    private IEnumerable<Measurement<double>> Age() =>
        ring.SignsSince is { } since ? [new((clock.GetUtcNow() - since).TotalSeconds)] : [];

    // A key that is announced, or else one that has to be.
    private IEnumerable<Measurement<double>> NextRotation()
    {
        if (!ring.IsReady)
            return [];

        var (now, latest) = (clock.GetUtcNow(), ring.Latest);
        return [new(((latest > now ? latest : latest + rotateEvery) - now).TotalSeconds)];
    }
}
