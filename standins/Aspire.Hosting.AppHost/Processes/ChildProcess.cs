using System.Diagnostics;

namespace Aspire.Hosting.Processes;

/// <summary>A process that the AppHost started.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ProcessSpec _spec;
    private readonly Process _process;

    /// <summary>Starts it. Only the spawner's thread may call this.</summary>
    public ChildProcess(ProcessSpec spec, ProcessStartInfo info, Action<string, bool> output)
    {
        _spec = spec;
        _process = new Process { StartInfo = info, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Write(line.Data, isError: false);
        _process.ErrorDataReceived += (_, line) => Write(line.Data, isError: true);
        _process.Exited += (_, _) => OnExited();
        _process.Start();
        Id = _process.Id;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        if (spec.StandardInput is not null)
            _process.StandardInput.Write(spec.StandardInput);
        _process.StandardInput.Close();

        void Write(string? line, bool isError)
        {
            if (line is not null)
                output(line, isError);
        }
    }

    public int Id { get; }

    /// <summary>Ends with the exit code when the process has ended; 128 and the signal's number when a signal ended it.</summary>
    public Task<int> Exited => _exited.Task;

    /// <summary>Asks the process to stop, and kills it and what it left behind when it does not. False: it had to be killed.</summary>
    public async Task<bool> StopAsync()
    {
        LibC.Kill(Id, _spec.StopSignal);
        try
        {
            await Exited.WaitAsync(_spec.StopGrace);
            return true;
        }
        catch (TimeoutException)
        {
            Kill();
            await Exited;
            return false;
        }
    }

    /// <summary>Ends the process and everything in its session at once.</summary>
    public void Kill() => LibC.Kill(-Id, Signal.KILL);

    public void Dispose() => _process.Dispose();

    private void OnExited()
    {
        var code = _process.ExitCode;
        Kill(); // What it started and left behind; the group cannot be anybody else's as long as it has a member.
        _exited.TrySetResult(code);
    }
}
