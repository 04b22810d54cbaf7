using System.Diagnostics;
using System.Runtime.InteropServices;

namespace KvAspire.Hosting.Tests;

/// <summary>The tiny AppHost as a process of its own, with state of its own, as a person would run it.</summary>
internal sealed partial class AppHostProcess : IAsyncDisposable
{
    // Ctrl+C goes the same way as Terminate, but a shell that starts tests in the background makes them deaf to it.
    public const int Kill = 9;
    public const int Terminate = 15;

    private readonly Process _process;
    private readonly List<string> _output = [];
    private readonly SemaphoreSlim _written = new(0);

    private AppHostProcess(string state, string[] settings, (string Name, string Value)[] environment)
    {
        var info = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        info.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "KvAspire.TinyAppHost.dll"));
        foreach (var setting in settings)
            info.ArgumentList.Add(setting);
        info.Environment["KVASPIRE_STATE"] = state;
        foreach (var (name, value) in environment)
            info.Environment[name] = value;

        _process = new Process { StartInfo = info, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Write(line.Data);
        _process.ErrorDataReceived += (_, line) => Write(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string Output
    {
        get
        {
            lock (_output)
                return string.Join('\n', _output);
        }
    }

    public static AppHostProcess Start(string state, params string[] settings) => new(state, settings, []);

    public static AppHostProcess Start(string state, (string, string)[] environment, params string[] settings) =>
        new(state, settings, environment);

    public async Task<string> LineAsync(string part)
    {
        using var patience = Patience.Start();
        while (true)
        {
            lock (_output)
            {
                if (_output.FirstOrDefault(line => line.Contains(part, StringComparison.Ordinal)) is { } found)
                    return found;
            }

            try
            {
                await _written.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"'{part}' was not written:\n{Output}");
            }
        }
    }

    public Task UpAsync() => LineAsync("Press Ctrl+C to stop.");

    public void Signal(int signal) => Assert.Equal(0, kill(Id, signal));

    public async Task<int> ExitAsync()
    {
        using var patience = Patience.Start();
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _ = kill(Id, Terminate);
            await ExitAsync();
        }

        _process.Dispose();
        _written.Dispose();
    }

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);

    private void Write(string? line)
    {
        if (line is null)
            return;
        lock (_output)
            _output.Add(line);
        _written.Release();
    }
}
