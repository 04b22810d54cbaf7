using System.Text.RegularExpressions;
using KvAspire.TestKit;
using Microsoft.Playwright;

namespace KvAspire.AppHost.Tests.Lab;

/// <summary>Aspire's dashboard in a browser, as an operator uses it.</summary>
internal sealed class DashboardPage(IPage page, Uri login)
{
    // Where the pictures of the documentation go. Without it they are only left in artifacts.
    private static readonly string? Pictures = Environment.GetEnvironmentVariable("KVASPIRE_PICTURES");

    private static readonly Uri Table = new("/?view=Table", UriKind.Relative);

    public IPage Page => page;

    /// <summary>Opens a page of the dashboard with the login of the greeting.</summary>
    public async Task OpenAsync(string path) => await page.GotoAsync($"{login}&returnUrl={Uri.EscapeDataString(path)}");

    /// <summary>Chooses a command in the menu of a resource, answers the questions, and closes what it shows.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="title">The command.</param>
    /// <param name="picture">The name of a picture of what it shows; null for none.</param>
    /// <param name="arguments">The first arguments; the others keep their defaults.</param>
    /// <returns>What the command shows.</returns>
    public async Task<string> PressAsync(string resource, string title, string? picture = null, params string[] arguments)
    {
        await OpenTableAsync();
        await Row(resource).GetByTitle("Actions").ClickAsync();

        // More than five commands are in a menu of their own.
        var command = page.GetByRole(AriaRole.Menuitem, new() { NameRegex = new($@"^\s*{Regex.Escape(title)}\s*$") });
        var commands = page.GetByRole(AriaRole.Menuitem, new() { NameRegex = new(@"^\s*Commands") });
        await Assertions.Expect(command.Or(commands).First).ToBeVisibleAsync();
        if (await commands.IsVisibleAsync())
            await commands.HoverAsync();
        await command.ClickAsync();
        return await AnswerAsync(picture, arguments);
    }

    /// <summary>Waits until the table shows this state of a resource.</summary>
    public async Task StateAsync(string resource, string state)
    {
        await OpenTableAsync();
        await Assertions.Expect(Row(resource)).ToContainTextAsync(new Regex(state), new() { Timeout = 60_000 });
    }

    /// <summary>Leaves a picture in <c>artifacts/dashboard</c>, and in the folder of the documentation if it is asked for.</summary>
    public async Task ShowAsync(string name)
    {
        await page.WaitForTimeoutAsync(500); // the dashboard animates
        await Chromium.ShowAsync(page, "dashboard", name);
        if (Pictures is { } folder)
            await page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Root, folder, $"{name}.png") });
    }

    private async Task OpenTableAsync()
    {
        if (!page.Url.Contains(Table.ToString(), StringComparison.Ordinal))
            await OpenAsync(Table.ToString());
    }

    // A question, the arguments with their defaults, then the result: dialogs, one after the other.
    private async Task<string> AnswerAsync(string? picture, string[] arguments)
    {
        var dialog = page.Locator("fluent-dialog-body:visible"); // the element around it has no size
        var result = dialog.Locator(".markdown-content");
        var yes = dialog.Locator("fluent-button[appearance=primary]");
        for (var step = 0; step < 4; step++)
        {
            await Assertions.Expect(dialog.First).ToBeVisibleAsync();
            await page.WaitForTimeoutAsync(300); // a dialog that closes is still visible
            if (await result.IsVisibleAsync())
                break;
            var inputs = dialog.Locator("fluent-text-input input");
            for (var input = 0; input < arguments.Length && input < await inputs.CountAsync(); input++)
                await inputs.Nth(input).FillAsync(arguments[input]);
            if (await yes.First.IsVisibleAsync())
                await yes.First.ClickAsync();
            await page.WaitForTimeoutAsync(700);
        }

        await Assertions.Expect(result).ToBeVisibleAsync();
        if (picture is not null)
            await ShowAsync(picture);
        var shown = await result.InnerTextAsync();
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(dialog).ToHaveCountAsync(0);
        return shown;
    }

    private ILocator Row(string resource) => page.Locator(".fluent-data-grid-row, tr").Filter(new()
    {
        Has = page.Locator(".resources-name-container", new() { HasTextRegex = new($@"^\s*{Regex.Escape(resource)}\s*$") }),
    });
}
