using KvAspire.Verify.Scenarios;
using Xunit.Runner.InProc.SystemConsole;

// "verify" is the long run; anything else comes from whoever runs the tests.
return args is ["verify", .. var arguments] ? await LongRun.RunAsync(arguments) : await ConsoleRunner.Run(args);
