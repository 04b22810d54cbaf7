using System.Reflection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>
/// An AppHost's program on a thread of its own. It stops where it builds its application, until the test says go on; and where
/// it would run it, until the test is done, for the test starts and stops it.
/// </summary>
internal sealed class SuspendedProgram(
    Assembly assembly, string[] args, Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configure)
    : BuilderHook, IDisposable
{
    private readonly TaskCompletionSource<DistributedApplicationBuilder> _described = New<DistributedApplicationBuilder>();
    private readonly TaskCompletionSource<DistributedApplication> _built = New<DistributedApplication>();
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _goOn = new(0);
    private bool _abandoned;

    /// <summary>Runs the program until its application is described.</summary>
    public Task<DistributedApplicationBuilder> RunToBuildAsync(CancellationToken cancellationToken)
    {
        new Thread(Run) { IsBackground = true, Name = $"program of {assembly.GetName().Name}" }.Start();
        return _described.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Lets the program build it.</summary>
    public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken)
    {
        _goOn.Release();
        return _built.Task.WaitAsync(cancellationToken);
    }

    public override void OnBuilderCreating(DistributedApplicationOptions options, HostApplicationBuilderSettings host)
    {
        TestingDefaults.Apply(assembly, args, options, host);
        configure(options, host);
    }

    public override void OnBuilderCreated(DistributedApplicationBuilder builder) { }

    public override void OnBuilding(DistributedApplicationBuilder builder)
    {
        _described.TrySetResult(builder);
        _goOn.Wait();
        ObjectDisposedException.ThrowIf(_abandoned, this);
    }

    public override void OnBuilt(DistributedApplication application) => _built.TrySetResult(application);

    public override Task RunAsync(DistributedApplication application, CancellationToken cancellationToken) => _done.Task;

    /// <summary>Lets the program end.</summary>
    public void Dispose()
    {
        _abandoned = true;
        _goOn.Release();
        _done.TrySetResult();
    }

    private static TaskCompletionSource<T> New<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Run()
    {
        Current = this;
        try
        {
            var main = assembly.EntryPoint
                ?? throw new InvalidOperationException($"The assembly '{assembly.GetName().Name}' has no program.");
            main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, main.GetParameters().Length == 0 ? [] : [args], null);
            Fail(new InvalidOperationException($"The program of '{assembly.GetName().Name}' has ended without building its application."));
        }
        catch (Exception e)
        {
            Fail(e); // To whichever of the two waits; afterwards there is nobody to tell.
        }
    }

    private void Fail(Exception e)
    {
        _described.TrySetException(e);
        _built.TrySetException(e);
        _ = (_described.Task.Exception, _built.Task.Exception); // Seen, even where nobody waits any more.
    }
}
