using KvAspire.TestKit;
using Xunit;

namespace KvAspire.AppHost.Tests;

/// <summary>
/// The tests of the TypeScript and the Python client, each in its language. They wait more than they compute, so programs run
/// side by side. They take minutes: <c>KVASPIRE_LANGUAGES=1</c> asks for them. <c>KVASPIRE_CHANGES</c> also asks for watches that
/// resume over restarts, and says over how many changes.
/// </summary>
public sealed class ClientLanguagesTests(LanguagesSystem system) : IClassFixture<LanguagesSystem>
{
    private const string TypeScript = "clients/typescript", Python = "clients/python";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_tests_of_the_TypeScript_and_the_Python_client_pass()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("KVASPIRE_LANGUAGES") is "1", "It takes minutes: KVASPIRE_LANGUAGES=1 asks for it.");
        await CompileAsync();
        await SkipWithoutPythonAsync();
        var tests = Directory.GetFiles(Path.Combine(Repository.Root, TypeScript, "test"), "*.test.js").Where(file => Path.GetFileName(file) != "restart.test.js");
        await RunAsync(system.Settings, NodeTests([.. tests]), PythonTests("-k", "Async"), PythonTests("-k", "Blocking"), PythonTests("-k", "Alone"));
    }

    [Fact]
    public async Task Watches_resume_over_restarts_of_gateway_and_data_without_gap_or_duplicate()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("KVASPIRE_CHANGES") is null, "It takes a minute and more: KVASPIRE_CHANGES=1000 asks for it.");
        await CompileAsync();
        await SkipWithoutPythonAsync();
        await RunAsync(
            system.SettingsWithRestarts,
            NodeTests("test/restart.test.js"), PythonTests("tests.test_restart.AsyncRestarts"), PythonTests("tests.test_restart.BlockingRestarts"));
    }

    private static async Task CompileAsync()
    {
        const string Compiler = "node_modules/typescript/bin/tsc";
        await SkipWithoutAsync("node", ["-e", "process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)"], "There is no Node.js 20 here. Debian's package nodejs has it.");
        Assert.SkipUnless(
            File.Exists(Path.Combine(Repository.Root, TypeScript, Compiler)), "The TypeScript compiler is not installed: run npm ci in clients/typescript.");
        if (IsCompiled())
            return;

        var (exitCode, output) = await LanguageProgram.RunAsync(TypeScript, "node", [Compiler, "-p", "."], [], Cancel);
        Assert.True(exitCode is 0, output);
    }

    private static bool IsCompiled()
    {
        var output = new FileInfo(Path.Combine(Repository.Root, TypeScript, "dist", "index.js"));
        var sources = new DirectoryInfo(Path.Combine(Repository.Root, TypeScript, "src")).EnumerateFiles();
        return output.Exists && sources.All(source => source.LastWriteTimeUtc < output.LastWriteTimeUtc);
    }

    private static Task SkipWithoutPythonAsync() => SkipWithoutAsync(
        "python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 11))"], "There is no Python 3.11 here. Debian's package python3 has it.");

    private static async Task SkipWithoutAsync(string program, string[] check, string reason) => Assert.SkipUnless(
        LanguageProgram.Exists(program) && (await LanguageProgram.RunAsync(".", program, check, [], Cancel)).ExitCode is 0, reason);

    private static (string Folder, string Program, string[] Arguments) NodeTests(params string[] files) =>
        (TypeScript, "node", ["--test", "--test-concurrency=4", "--test-reporter=spec", .. files]);

    private static (string Folder, string Program, string[] Arguments) PythonTests(params string[] tests) =>
        (Python, "python3", ["-B", "-W", "error::ResourceWarning", "-m", "unittest", .. tests]);

    private static async Task RunAsync(
        Dictionary<string, string> settings, params (string Folder, string Program, string[] Arguments)[] programs)
    {
        var runs = await Task.WhenAll(programs.Select(program => LanguageProgram.RunAsync(program.Folder, program.Program, program.Arguments, settings, Cancel)));
        Assert.True(runs.All(run => run.ExitCode is 0), string.Join("\n\n", runs.Where(run => run.ExitCode is not 0).Select(run => run.Output)));
    }
}
