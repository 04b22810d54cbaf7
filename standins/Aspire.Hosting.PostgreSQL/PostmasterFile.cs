using System.Globalization;

namespace Aspire.Hosting.Postgres;

/// <summary>
/// The file in which a server says that it runs on a data folder. After a crash it may name a process that is gone, or that is
/// something else by now; after an AppHost was killed, one that is still shutting down.
/// </summary>
internal static class PostmasterFile
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    public static async Task ClearAsync(string data, TimeProvider clock, CancellationToken cancellationToken)
    {
        var path = Path.Combine(data, "postmaster.pid");
        var start = clock.GetTimestamp();
        while (File.Exists(path) && IsServing(path, data))
        {
            if (clock.GetElapsedTime(start) > _patience)
            {
                throw new DistributedApplicationException(
                    $"another Postgres server runs on '{data}': stop it (its process id is the first line of {path}).");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancellationToken);
        }

        File.Delete(path);
    }

    /// <summary>The eighth line is the server's state.</summary>
    public static bool SaysReady(string data)
    {
        try
        {
            return File.ReadLines(Path.Combine(data, "postmaster.pid")).ElementAtOrDefault(7)?.Trim() == "ready";
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static bool IsServing(string path, string data)
    {
        try
        {
            var id = int.Parse(File.ReadLines(path).First(), CultureInfo.InvariantCulture);
            var command = File.ReadAllText($"/proc/{id}/cmdline").Split('\0');
            return command[0].EndsWith("postgres", StringComparison.Ordinal) && command.Contains(data);
        }
        catch (Exception e) when (e is IOException or FormatException or InvalidOperationException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
