using System.Globalization;

namespace KvAspire.AppHost.Lab;

/// <summary>Removes old changes now, which the data service does every minute by itself.</summary>
internal static class HistoryCompaction
{
    private static readonly LabNumber Keep = new("keep", "Changes to keep of each user", Usual: 100, Least: 1, Most: 100_000);

    public static LabCommand Of(IResourceBuilder<ProjectResource> data, OperatorRequests requests) => new(
        "compact-history", "Compact the history", "Broom",
        "Removes all but the newest changes of each user from the change log. Entries stay as they are.",
        async context =>
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"/internal/history/compact?keep={Keep.Read(context)}");
            var removed = (await requests.PostAsync(data.GetEndpoint("http"), path, context.CancellationToken))["removed"]!.GetValue<long>();
            return new(
                string.Create(CultureInfo.InvariantCulture, $"{removed} changes were removed. Each user keeps at most the newest {Keep.Read(context)}."),
                "`GET /api/revisions?key=`: old revisions are gone.",
                "A watch that resumes before them gets 410 `REVISION_COMPACTED`.",
                "Metric `kvaspire.compaction.removed` of data; the trace of `POST /internal/history/compact`.");
        })
    {
        Confirmation = "Remove old history of all users? Entries stay; their old values are lost.",
        Arguments = [Keep.Input],
    };
}
