using System.Runtime.InteropServices;

namespace KvAspire.Identity.Passwords;

/// <summary>Lowers the priority of the calling thread. Linux schedules by the nice value, which .NET does not set.</summary>
internal static class BackgroundPriority
{
    // A third of the weight of an ordinary thread: enough for sign-ins on a busy machine.
    private const int Nice = 5;

    private const int Process = 0; // PRIO_PROCESS; to Linux the id 0 means the calling thread

    /// <summary>Lowers the priority for good. Does nothing on other systems, and where the process may not.</summary>
    public static void Take()
    {
        if (OperatingSystem.IsLinux())
            _ = SetPriority(Process, 0, Nice);
    }

    [DllImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetPriority(int which, uint who, int priority);
}
