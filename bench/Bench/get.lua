-- Reads random ones of KEYS keys, with the token in TOKEN where there is one.
local keys, path = tonumber(os.getenv("KEYS")), os.getenv("PATH_PREFIX")
local headers = {}
if os.getenv("TOKEN") then headers["Authorization"] = "Bearer " .. os.getenv("TOKEN") end

local seed = 0
function setup(thread) seed = seed + 1; thread:set("seed", seed) end
function init() math.randomseed(seed) end
function request() return wrk.format("GET", path .. math.random(keys), headers) end
