using System.Diagnostics;

namespace Aspire.Hosting.Processes;

/// <summary>A process that the AppHost started.</summary>
internal sealed class ChildProcess : IDisposable
{
    // What it wrote last may arrive after the news of its end. Long enough for that, and an end if a pipe stays open.
    private static readonly TimeSpan _lastWords = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _outputEnded = new(), _errorEnded = new();
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ProcessSpec _spec;
    private readonly Process _process;

    /// <summary>Starts it. Only the spawner's thread may call this.</summary>
    public ChildProcess(ProcessSpec spec, ProcessStartInfo info, Action<string, bool> output)
    {
        _spec = spec;
        _process = new Process { StartInfo = info, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Write(line.Data, isError: false, _outputEnded);
        _process.ErrorDataReceived += (_, line) => Write(line.Data, isError: true, _errorEnded);
        _process.Exited += (_, _) => _ = OnExitedAsync();
        _process.Start();
        Id = _process.Id;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        if (spec.StandardInput is not null)
            _process.StandardInput.Write(spec.StandardInput);
        _process.StandardInput.Close();

        void Write(string? line, bool isError, TaskCompletionSource ended)
        {
            if (line is not null)
                output(line, isError);
            else
                ended.TrySetResult();
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

    private async Task OnExitedAsync()
    {
        var code = _process.ExitCode;
        Kill(); // What it started and left behind; the group cannot be anybody else's as long as it has a member.
        await Task.WhenAny(Task.WhenAll(_outputEnded.Task, _errorEnded.Task), Task.Delay(_lastWords, TimeProvider.System));
        _exited.TrySetResult(code);
    }
}
