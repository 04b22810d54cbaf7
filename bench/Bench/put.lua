-- Replaces random ones of KEYS values by others of 100 bytes.
local keys, path = tonumber(os.getenv("KEYS")), os.getenv("PATH_PREFIX")
local headers = { ["Authorization"] = "Bearer " .. os.getenv("TOKEN"), ["Content-Type"] = "application/json" }

local seed = 0
function setup(thread) seed = seed + 1; thread:set("seed", seed) end
function init() math.randomseed(seed) end
function request()
  return wrk.format("PUT", path .. math.random(keys), headers, string.format('{"value":"%098d"}', math.random(1000000000)))
end
