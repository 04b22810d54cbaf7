using System.Runtime.Versioning;

namespace KvAspire.Hosting.Programs;

/// <summary>
/// The folders of the servers of one AppHost. Volumes outlive the run. Temporary folders are deleted when the run ends or, where
/// the AppHost was killed, when the next one starts.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class ServerFolders : IDisposable
{
    private const string Prefix = "kvaspire-run-", LockFile = "lock";

    // The servers have accounts of their own: others may traverse the folder, but not list it.
    private const UnixFileMode Passage = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly Lock gate = new();
    private (string Path, FileStream Held)? run;

    /// <summary>Outside the repository, where a server's account can reach it.</summary>
    public static string Volumes =>
        Environment.GetEnvironmentVariable("KVASPIRE_STATE") is { Length: > 0 } chosen ? Path.GetFullPath(chosen)
        : Environment.IsPrivilegedProcess ? "/var/lib/kvaspire"
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "kvaspire");

    public static string OfVolume(string name)
    {
        Directory.CreateDirectory(Volumes, Passage);
        return Path.Combine(Volumes, name);
    }

    public string Temporary(string name)
    {
        lock (gate)
        {
            run ??= MakeRun();
            return Path.Combine(run.Value.Path, name);
        }
    }

    public void Dispose()
    {
        if (run is not { } ended)
            return;

        Remove(ended.Path);
        ended.Held.Dispose();
        run = null;
    }

    private static (string, FileStream) MakeRun()
    {
        foreach (var orphan in Directory.GetDirectories(Path.GetTempPath(), Prefix + "*").Where(IsOrphan))
            Remove(orphan);

        var path = Directory.CreateTempSubdirectory(Prefix).FullName;
        var held = Hold(path);
        File.SetUnixFileMode(path, Passage);
        return (path, held);
    }

    // The kernel releases the lock when the process ends. A folder without a lock file is being created.
    private static bool IsOrphan(string folder)
    {
        try
        {
            if (!File.Exists(Path.Combine(folder, LockFile)))
                return false;

            Hold(folder).Dispose();
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static FileStream Hold(string folder) => new(Path.Combine(folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A server that is being killed may still write; the next run deletes the rest.
        }
    }
}
