using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.State;
using Aspire.Hosting.Terminal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Control;

/// <summary>
/// Lets other programs of the same user see and command the resources, by HTTP over a socket in the state folder:
/// <c>GET /resources</c>, <c>POST /resources/{name}/{command}</c>. The answers are plain text for people.
/// </summary>
internal sealed class ControlSocket(StateFolder state, ResourceNotificationService notifications, ResourceCommandService commands)
    : IHostedService
{
    private WebApplication? _server;

    public string Path { get; } = System.IO.Path.Combine(state.Path, "control.sock");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        File.Delete(Path); // Left by a run that was killed: the lock of the folder says that nobody uses it.

        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(Path));
        builder.Services.AddRoutingCore();
        _server = builder.Build();
        _server.MapGet("/resources", List);
        _server.MapPost("/resources/{name}/{command}", ExecuteAsync);
        await _server.StartAsync(cancellationToken);
        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_server is not null)
            await _server.DisposeAsync();
        File.Delete(Path);
    }

    private Task List(HttpContext context) => AnswerAsync(context, StatusCodes.Status200OK, ResourceTable.Of(notifications.Current));

    private async Task ExecuteAsync(HttpContext context)
    {
        var (name, command) = ((string)context.GetRouteValue("name")!, (string)context.GetRouteValue("command")!);
        var result = await commands.ExecuteCommandAsync(name, command, context.RequestAborted);
        var status = result.Success ? StatusCodes.Status200OK : StatusCodes.Status409Conflict;
        await AnswerAsync(context, status, $"{result.Message ?? (result.Success ? "Done." : "It did not work.")}\n");
    }

    private static Task AnswerAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text, Encoding.UTF8, context.RequestAborted);
    }
}
