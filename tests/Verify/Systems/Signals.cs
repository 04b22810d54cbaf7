using System.Runtime.InteropServices;

namespace KvAspire.Verify.Systems;

/// <summary>Signals to processes of the system under test.</summary>
internal static class Signals
{
    public const int Kill = 9, Continue = 18, Stop = 19;

    /// <summary>Sends one. A process that is gone by then is none of our concern.</summary>
    public static void Send(int processId, int signal) => _ = kill(processId, signal);

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int processId, int signal);
}
