using KvAspire.TestKit;
using Microsoft.Playwright;
using Xunit;

namespace KvAspire.AppHost.Tests;

/// <summary>The system's browser, without a window. The tests with it take minutes: <c>KVASPIRE_BROWSER=1</c> asks for them.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] Programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private readonly IPlaywright playwright;
    private readonly IBrowser browser;

    private Chromium(IPlaywright playwright, IBrowser browser) => (this.playwright, this.browser) = (playwright, browser);

    /// <summary>Skips the test where nobody asks for it, or there is no browser.</summary>
    public static async Task<Chromium> StartAsync()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("KVASPIRE_BROWSER") is "1", "It takes a browser, and minutes: KVASPIRE_BROWSER=1 asks for it.");
        var program = Programs.FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "There is no Chromium here. Debian's package chromium has it, of 300 MB.");

        var playwright = await Playwright.CreateAsync();
        Assertions.SetDefaultExpectTimeout(30_000);
        return new(playwright, await playwright.Chromium.LaunchAsync(new() { ExecutablePath = program, Args = ["--no-sandbox"] })); // a container's root has none
    }

    public async Task<IPage> NewPageAsync(int width, int height)
    {
        var page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = height } });
        page.SetDefaultTimeout(30_000);
        return page;
    }

    /// <summary>Leaves a picture in <c>artifacts</c>.</summary>
    public static Task ShowAsync(IPage page, string folder, string name) =>
        page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Root, "artifacts", folder, $"{name}.png") });

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }
}
