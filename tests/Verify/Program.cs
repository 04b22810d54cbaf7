using KvAspire.Verify.Scenarios;
using Xunit.Runner.InProc.SystemConsole;

// "verify" is the long run. Other arguments are for the test runner.
return args is ["verify", .. var arguments] ? await LongRun.RunAsync(arguments) : await ConsoleRunner.Run(args);
