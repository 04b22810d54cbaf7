using System.Collections.Concurrent;
using System.Diagnostics;

namespace Aspire.Hosting.Processes;

/// <summary>
/// Starts processes that cannot outlive the AppHost: each asks the system to be signalled when its parent dies. The system
/// takes the parent to be the <em>thread</em> that started it, so one thread, which never ends, starts them all.
/// </summary>
internal static class ProcessSpawner
{
    private static readonly BlockingCollection<Action> _work = [];

    static ProcessSpawner()
    {
        new Thread(() =>
        {
            foreach (var start in _work.GetConsumingEnumerable())
                start();
        })
        { IsBackground = true, Name = "process spawner" }.Start();
    }

    /// <summary>Starts the process; every line that it writes goes to <paramref name="output"/>.</summary>
    public static Task<ChildProcess> StartAsync(ProcessSpec spec, Action<string, bool> output)
    {
        var info = StartInfo(spec);
        var started = new TaskCompletionSource<ChildProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                started.SetResult(new ChildProcess(spec, info, output));
            }
            catch (Exception e)
            {
                started.SetException(e);
            }
        });
        return started.Task;
    }

    // setsid: a session of its own, so that Ctrl-C in the terminal reaches the AppHost alone, which then stops everything in
    // order. setpriv: the user, and the signal that the death of the AppHost sends. Both become the program: one process.
    private static ProcessStartInfo StartInfo(ProcessSpec spec)
    {
        var info = new ProcessStartInfo(Programs.Require("setsid", "util-linux"))
        {
            WorkingDirectory = spec.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        info.ArgumentList.Add(Programs.Require("setpriv", "util-linux"));
        if (spec.User is { } user)
        {
            info.ArgumentList.Add($"--reuid={user.Id}");
            info.ArgumentList.Add($"--regid={user.GroupId}");
            info.ArgumentList.Add("--init-groups");
        }

        info.ArgumentList.Add($"--pdeathsig={spec.DeathSignal}");
        info.ArgumentList.Add("--");
        info.ArgumentList.Add(spec.FileName);
        foreach (var argument in spec.Arguments)
            info.ArgumentList.Add(argument);

        InheritedEnvironment.Clean(info.Environment);
        foreach (var (name, value) in spec.Environment)
            info.Environment[name] = value;

        return info;
    }
}
