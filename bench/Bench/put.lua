-- Replaces random values of KEYS keys by values of 100 bytes. Requests are prepared, so that only responses are measured.
local keys, path = tonumber(os.getenv("KEYS")), os.getenv("PATH_PREFIX")
local headers = { ["Authorization"] = "Bearer " .. os.getenv("TOKEN"), ["Content-Type"] = "application/json" }

local seed = 0
local requests = {}
function setup(thread) seed = seed + 1; thread:set("seed", seed) end
function init()
  math.randomseed(seed)
  for key = 1, keys do
    requests[key] = wrk.format("PUT", path .. key, headers, string.format('{"value":"%098d"}', math.random(1000000000)))
  end
end
function request() return requests[math.random(keys)] end
