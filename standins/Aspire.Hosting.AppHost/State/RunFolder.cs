namespace Aspire.Hosting.State;

/// <summary>A folder for one run of one AppHost. Folders of runs that were killed are removed by the next run.</summary>
internal sealed class RunFolder : IDisposable
{
    private readonly FolderLock _lock;

    public RunFolder()
    {
        PrivateFolder.Create(StateRoot.Path);
        var runs = PrivateFolder.Create(System.IO.Path.Combine(StateRoot.Path, "runs"));
        foreach (var left in Directory.GetDirectories(runs))
            RemoveIfLeft(left);

        do
        {
            Path = PrivateFolder.Create(System.IO.Path.Combine(runs, Guid.NewGuid().ToString("n")[..12]));
        }
        while ((_lock = FolderLock.TryTake(Path)!) is null); // Another run took it for a left one, before it was locked.
    }

    public string Path { get; }

    public void Dispose()
    {
        Remove(Path);
        _lock.Dispose();
    }

    private static void RemoveIfLeft(string folder)
    {
        // One without a lock is just being made.
        if (!File.Exists(System.IO.Path.Combine(folder, "lock")))
            return;

        using var left = FolderLock.TryTake(folder);
        if (left is not null)
            Remove(folder);
    }

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A server that was killed may still be writing its last; the next run removes what is left.
        }
    }
}
