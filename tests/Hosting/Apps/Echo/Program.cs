// A service that says how it was started. "die": it throws; "exit N": it ends at once; else it serves.
if (args is ["die"])
    throw new InvalidOperationException("Echo was told to die");
if (args is ["exit", var code])
    return int.Parse(code, System.Globalization.CultureInfo.InvariantCulture);

var app = WebApplication.CreateBuilder(args).Build();
app.MapGet("/health", () => "ok");
app.MapGet("/env", () => Environment.GetEnvironmentVariables());
app.MapGet("/id", () => Environment.GetEnvironmentVariable("OTEL_RESOURCE_ATTRIBUTES"));
app.MapGet("/protocol", (HttpContext context) => context.Request.Protocol);
app.MapPost("/ping", () => "pong");
app.Run();
return 0;
