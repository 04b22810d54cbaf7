using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace KvAspire.TestKit;

/// <summary>Hears what the services in this process measure by instruments of our own.</summary>
public sealed class InstrumentRecorder : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<string, Heard> heard = new();

    /// <param name="service">The application name, which is the name of the meter.</param>
    public InstrumentRecorder(string service)
    {
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == service && instrument.Name.StartsWith("kvaspire.", StringComparison.Ordinal))
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Hear(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Hear(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Hear(instrument, value, tags));
        listener.Start();
    }

    /// <summary>The instruments that measured something, by name.</summary>
    public IReadOnlyDictionary<string, Heard> All
    {
        get
        {
            listener.RecordObservableInstruments();
            return heard;
        }
    }

    /// <summary>The sum of a counter, or of the last values of a gauge, over all series with an attribute's value, or over all.</summary>
    public double Sum(string instrument, string? value = null) => All.TryGetValue(instrument, out var found)
        ? found.Values.Where(series => value is null || series.Key.Split(' ').Any(attribute => attribute.EndsWith($"={value}", StringComparison.Ordinal))).Sum(series => series.Value)
        : 0;

    /// <inheritdoc/>
    public void Dispose() => listener.Dispose();

    private void Hear(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var type = instrument.GetType().Name.Replace("Observable", "", StringComparison.Ordinal).Split('`')[0];
        var found = heard.GetOrAdd(instrument.Name, _ => new(type, instrument.Unit));
        foreach (var (name, tag) in tags)
            found.Attributes.GetOrAdd(name, _ => new()).TryAdd($"{tag}", true);
        found.Values.AddOrUpdate(string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}")), value, (_, before) => type is "Gauge" ? value : before + value);
    }

    /// <summary>What an instrument measured.</summary>
    /// <param name="Type">Counter, Gauge or Histogram.</param>
    /// <param name="Unit">The unit.</param>
    public sealed record Heard(string Type, string? Unit)
    {
        /// <summary>The values of each attribute.</summary>
        public ConcurrentDictionary<string, ConcurrentDictionary<string, bool>> Attributes { get; } = new();

        /// <summary>The sum of each series; of a gauge the last value.</summary>
        public ConcurrentDictionary<string, double> Values { get; } = new();
    }
}
