using System.Runtime.InteropServices;

namespace KvAspire.Identity.Passwords;

/// <summary>Makes the calling thread give way to others. Linux schedules by the nice value, which .NET leaves alone.</summary>
internal static class BackgroundPriority
{
    // A third of the weight of an ordinary thread: enough to sign in on a machine that is busy.
    private const int Nice = 5;

    private const int Process = 0; // PRIO_PROCESS; to Linux the id 0 means the calling thread

    /// <summary>Lowers it for good. Where that is not allowed or not Linux, all stays as it is.</summary>
    public static void Take()
    {
        if (OperatingSystem.IsLinux())
            _ = SetPriority(Process, 0, Nice);
    }

    [DllImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetPriority(int which, uint who, int priority);
}
