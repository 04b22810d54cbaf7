using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KvAspire.ServiceDefaults.Telemetry.Metrics;

/// <summary>Runs the surveys of a service, without traces of their queries.</summary>
internal sealed partial class SurveyLoop(
    IEnumerable<Survey> surveys, IOptions<MetricsOptions> options, TimeProvider time, ILogger<SurveyLoop> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        RunAsync([.. surveys.Where(survey => !survey.IsLong)], options.Value.SurveyEvery, stoppingToken),
        RunAsync([.. surveys.Where(survey => survey.IsLong)], options.Value.LongSurveyEvery, stoppingToken));

    private async Task RunAsync(Survey[] these, TimeSpan every, CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(every, time);
        do
        {
            foreach (var survey in these.Where(survey => survey.IsObserved))
                await MeasureAsync(survey, stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task MeasureAsync(Survey survey, CancellationToken stoppingToken)
    {
        using var untraced = BackgroundRound.Begin("kvaspire.survey", time);
        try
        {
            await survey.MeasureAsync(stoppingToken);
        }
#pragma warning disable CA1031 // the next round tries again
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogPostponed(logger, survey.GetType().Name, exception.GetType().Name);
        }
    }

    [LoggerMessage(EventIds.SurveyPostponed, LogLevel.Debug, "{Survey} could not be measured ({Reason}); its gauges keep their last values.", EventName = nameof(EventIds.SurveyPostponed))]
    private static partial void LogPostponed(ILogger logger, string survey, string reason);
}

/// <summary>Registers surveys.</summary>
public static class SurveySetup
{
    /// <summary>Adds a survey, and the loop that runs it.</summary>
    public static IServiceCollection AddSurvey<T>(this IServiceCollection services)
        where T : Survey
    {
        if (!services.Any(service => service.ImplementationType == typeof(SurveyLoop)))
            services.AddHostedService<SurveyLoop>();
        return services.AddSingleton<Survey, T>();
    }
}
