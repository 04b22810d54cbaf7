using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Aspire.Hosting.Testing;
using KvAspire.TestKit;
using Microsoft.Playwright;
using Xunit;

namespace KvAspire.AppHost.Tests;

/// <summary>The page <c>/docs</c> in a browser, as a new user of the API uses it.</summary>
public sealed class DocsPageTests(RunningSystem system) : IAsyncDisposable
{
    // Elements beyond the right edge of the page, which would make it scroll sideways.
    private const string Beside = """
        () => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("*")]
          .filter(element => element.getBoundingClientRect().right > innerWidth)
          .map(element => `${element.tagName}.${element.getAttribute("class")}: ${element.getBoundingClientRect().right}`)
        """;

    private readonly ConcurrentQueue<string> complaints = [];
    private Chromium? browser;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_user_registers_signs_in_stores_and_reads_on_the_page_which_only_calls_the_gateway()
    {
        var name = $"user_{Guid.NewGuid():N}";
        var page = await OpenAsync();

        // 1. The page shows all operations.
        var paths = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "openapi", "v1.json"), Cancel))!["paths"]!.AsObject();
        var operations = paths.Sum(path => path.Value!.AsObject().Count);
        await Assertions.Expect(page.Locator(".opblock")).ToHaveCountAsync(operations);
        await ShowAsync(page, "operations");

        // 2. Registers with the document's example.
        var registered = await CallAsync(page, "Accounts-register", body:
            $$"""{"username":"{{name}}","email":"{{name}}@example.com","password":"{{Account.Password}}","full_name":"John Doe"}""");
        Assert.Contains("\"User successfully registered!\"", registered, StringComparison.Ordinal);

        // 3. Signs in.
        await page.Locator(".scheme-container .authorize").ClickAsync();
        var dialog = page.Locator(".modal-ux");
        var signIn = dialog.Locator(".auth-container").Filter(new() { HasText = "Flow: password" });
        await signIn.Locator("#oauth_username").FillAsync(name);
        await signIn.Locator("#oauth_password").FillAsync(Account.Password);
        await signIn.Locator(".auth-btn-wrapper .authorize").ClickAsync();
        await Assertions.Expect(signIn.GetByText("Logout")).ToBeVisibleAsync();
        await ShowAsync(page, "signed-in");
        await dialog.Locator(".close-modal").ClickAsync();

        // 4. Stores and reads.
        var stored = await CallAsync(page, "Entries-createEntry", body: """{"key":"from-the-page","value":{"hello":"world"}}""");
        Assert.Contains("\"Data stored successfully.\"", stored, StringComparison.Ordinal);
        var read = await CallAsync(page, "Entries-readEntry", key: "from-the-page");
        Assert.Contains("\"hello\": \"world\"", read, StringComparison.Ordinal);
        var answer = page.Locator("#operations-Entries-readEntry .live-responses-table");
        await answer.EvaluateAsync("table => table.scrollIntoView()");
        await ShowAsync(page, "read");

        // 5. On a phone nothing is beyond the screen, and there is a dark mode.
        await page.SetViewportSizeAsync(390, 844);
        Assert.Empty(await page.EvaluateAsync<string[]>(Beside));
        await answer.EvaluateAsync("table => table.scrollIntoView()");
        await ShowAsync(page, "narrow-read");
        await page.EvaluateAsync("() => scrollTo(0, 0)");
        await ShowAsync(page, "narrow");
        await page.Locator(".dark-mode-toggle button").ClickAsync();
        await ShowAsync(page, "narrow-dark");
        await page.SetViewportSizeAsync(1280, 1400);
        await ShowAsync(page, "dark");

        Assert.Empty(complaints);
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
    }

    private async Task<IPage> OpenAsync()
    {
        browser = await Chromium.StartAsync();
        var gateway = system.App.GetEndpoint("gateway", "http");
        var page = await browser.NewPageAsync(1280, 1400);
        page.Console += (_, message) => Complain(message.Type is "error" or "warning", $"{message.Type}: {message.Text}");
        page.PageError += (_, error) => Complain(true, error);
        page.RequestFailed += (_, request) => Complain(true, $"{request.Url}: {request.Failure}");
        page.Request += (_, request) => Complain(
            !request.Url.StartsWith("data:", StringComparison.Ordinal) && new Uri(request.Url).Authority != gateway.Authority, $"asked {request.Url}");
        await page.GotoAsync(new Uri(gateway, "/docs").ToString());
        return page;
    }

    private void Complain(bool isOne, string complaint)
    {
        if (isOne)
            complaints.Enqueue(complaint);
    }

    // Opens an operation, fills in the given values, and returns the shown response.
    private static async Task<string> CallAsync(IPage page, string operation, string? body = null, string? key = null)
    {
        var block = page.Locator($"#operations-{operation}");
        await block.Locator(".opblock-summary-control").ClickAsync();
        await block.Locator(".try-out__btn").ClickAsync();
        if (body is not null)
            await block.Locator("textarea.body-param__text").FillAsync(body);
        if (key is not null)
            await block.Locator("tr[data-param-name=key] input").FillAsync(key);
        await block.Locator(".execute").ClickAsync();
        return await block.Locator(".live-responses-table .response .response-col_description pre").First.InnerTextAsync();
    }

    private static Task ShowAsync(IPage page, string name) => Chromium.ShowAsync(page, "docs", name);
}
