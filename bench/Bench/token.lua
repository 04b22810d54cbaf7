-- Signs in repeatedly.
local body = string.format('{"username":"%s","password":"%s"}', os.getenv("USERNAME"), os.getenv("PASSWORD"))
function request() return wrk.format("POST", "/api/token", { ["Content-Type"] = "application/json" }, body) end
