using System.Diagnostics;
using System.Diagnostics.Metrics;
using KvAspire.ServiceDefaults.Telemetry.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace KvAspire.Libraries.Tests;

/// <summary>Gauges that take a query.</summary>
public sealed class SurveyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_survey_that_fails_keeps_the_last_value_and_is_tried_again()
    {
        using var observer = Observer(out var values);
        await using var services = await StartAsync();
        var survey = services.GetServices<Survey>().OfType<FlakySurvey>().Single();

        await WaitAsync(() => survey.Attempts >= 3);
        observer.RecordObservableInstruments();

        Assert.Equal(1, values.Last()); // only the first attempt succeeded
        Assert.True(survey.WasUntraced);
    }

    [Fact]
    public async Task Collecting_does_not_run_a_survey()
    {
        using var observer = Observer(out _);
        await using var services = await StartAsync(every: TimeSpan.FromHours(1));
        var survey = services.GetServices<Survey>().OfType<FlakySurvey>().Single();
        await WaitAsync(() => survey.Attempts == 1);

        for (var i = 0; i < 10; i++)
            observer.RecordObservableInstruments();

        Assert.Equal(1, survey.Attempts);
    }

    [Fact]
    public async Task A_survey_that_nobody_observes_never_runs()
    {
        await using var services = await StartAsync();
        await Task.Delay(300, Cancel);

        Assert.Equal(0, services.GetServices<Survey>().OfType<FlakySurvey>().Single().Attempts);
    }

    private static async Task<ServiceProvider> StartAsync(TimeSpan? every = null)
    {
        var services = new ServiceCollection().AddMetrics().AddLogging().AddSingleton(TimeProvider.System)
            .AddSingleton(Options.Create(new MetricsOptions { SurveyEvery = every ?? TimeSpan.FromMilliseconds(50) }))
            .AddSurvey<FlakySurvey>().BuildServiceProvider();
        foreach (var service in services.GetServices<IHostedService>())
            await service.StartAsync(Cancel);
        return services;
    }

    private static MeterListener Observer(out List<int> values)
    {
        var seen = values = [];
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == nameof(FlakySurvey))
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<int>((_, value, _, _) => seen.Add(value));
        listener.Start();
        return listener;
    }

    private static async Task WaitAsync(Func<bool> claim)
    {
        for (var clock = Stopwatch.StartNew(); !claim(); await Task.Delay(20, Cancel))
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20));
    }

    private sealed class FlakySurvey : Survey
    {
        private readonly ObservableGauge<int> gauge;
        private int? known;

        public FlakySurvey(IMeterFactory meters) => gauge = meters.Create(nameof(FlakySurvey)).CreateObservableGauge("attempts", () => Observe(known));

        public int Attempts { get; private set; }

        public bool WasUntraced { get; private set; } = true;

        public override bool IsObserved => gauge.Enabled;

        public override Task MeasureAsync(CancellationToken cancellationToken)
        {
            WasUntraced &= Activity.Current is { Recorded: false };
            if (++Attempts > 1)
                throw new TimeoutException();

            known = Attempts;
            return Task.CompletedTask;
        }
    }
}
