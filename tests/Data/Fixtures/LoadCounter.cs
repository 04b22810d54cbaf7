using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace KvAspire.Data.Tests.Fixtures;

/// <summary>Counts the reads of single entries that some replicas send to Postgres, by the metric of the service.</summary>
internal sealed class LoadCounter : IDisposable
{
    private readonly MeterListener listener = new();
    private int count;

    public LoadCounter(params DataService[] replicas)
    {
        var factories = replicas.Select(replica => replica.Services.GetRequiredService<IMeterFactory>()).ToArray();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "kvaspire.entries.loads" && factories.Contains(instrument.Meter.Scope))
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, measured, _, _) => Interlocked.Add(ref count, (int)measured));
        listener.Start();
    }

    public int Count => Volatile.Read(ref count);

    public void Dispose() => listener.Dispose();
}
