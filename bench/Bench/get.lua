-- Reads random keys of KEYS keys, with the token in TOKEN if there is one. Requests are prepared, so that only responses are
-- measured.
local keys, path = tonumber(os.getenv("KEYS")), os.getenv("PATH_PREFIX")
local headers = {}
if os.getenv("TOKEN") then headers["Authorization"] = "Bearer " .. os.getenv("TOKEN") end

local seed = 0
local requests = {}
function setup(thread) seed = seed + 1; thread:set("seed", seed) end
function init()
  math.randomseed(seed)
  for key = 1, keys do requests[key] = wrk.format("GET", path .. key, headers) end
end
function request() return requests[math.random(keys)] end
