namespace KvAspire.Data.Revisions;

/// <summary>Registers the change log's readers and its compaction.</summary>
internal static class RevisionsRegistration
{
    /// <summary>Adds them.</summary>
    public static WebApplicationBuilder AddRevisions(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<CompactionOptions>().BindConfiguration(CompactionOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services
            .AddSingleton<ChangeLog>()
            .AddSingleton<KeyHistory>()
            .AddSingleton<ChangeCompaction>()
            .AddHostedService<ChangeCompactor>();
        return builder;
    }
}
