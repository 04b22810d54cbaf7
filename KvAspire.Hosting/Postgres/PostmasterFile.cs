using System.Globalization;

namespace KvAspire.Hosting.Postgres;

/// <summary>
/// <c>postmaster.pid</c>, which names the server process of a data folder. After a crash that process may be gone, or its id may
/// belong to another program. After an AppHost was killed, it is a server that the orchestrator is about to end.
/// </summary>
internal static class PostmasterFile
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20), Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits up to 20 seconds for the server to end, then deletes the file.</summary>
    public static async Task ClearAsync(string data, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
            return; // there is no /proc; Postgres checks the file itself

        var path = Path.Combine(data, "postmaster.pid");
        for (var began = time.GetTimestamp(); File.Exists(path) && IsServing(path, data);)
        {
            if (time.GetElapsedTime(began) > Patience)
                throw new DistributedApplicationException($"Another Postgres server uses '{data}'. Stop it; its process id is the first line of {path}.");
            await Task.Delay(Pause, time, cancellationToken);
        }

        File.Delete(path);
    }

    private static bool IsServing(string path, string data)
    {
        try
        {
            var process = int.Parse(File.ReadLines(path).First(), CultureInfo.InvariantCulture);
            var command = File.ReadAllText($"/proc/{process}/cmdline").Split('\0');
            return command[0].EndsWith("postgres", StringComparison.Ordinal) && command.Contains(data);
        }
        catch (Exception exception) when (exception is IOException or FormatException or InvalidOperationException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
