using KvAspire.Gateway.Forwarding;
using KvAspire.Gateway.Headers;
using KvAspire.Gateway.Limits;
using KvAspire.Gateway.Routing;
using KvAspire.ServiceDefaults;
using KvAspire.ServiceDefaults.Tokens;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddAccessTokens();
builder.AddBodyLimit();
builder.AddForwarding(PublicRoutes.All);

var app = builder.Build();

app.UseAnswerHeaders();
app.UseServiceDefaults();
app.UseForwardedHeadersOfOurOwn();
app.UseBodyLimit();
app.UsePlainTargets();
app.UseAuthentication();
app.UseAuthorization();
app.MapForwarding();

app.Run();
