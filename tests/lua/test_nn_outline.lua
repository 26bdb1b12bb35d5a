-- print(model)

local lu = require "luaunit"
local ml = require "moonlab"
local nn = ml.nn

TestOutline = {}

function TestOutline:test_shows_layers_and_shapes()
  local model = nn.Sequential { nn.Flatten(), nn.Linear(8), nn.Residual { nn.Linear(8) } }
  model:build { 1, 2, 3 }
  lu.assertEquals(tostring(model), table.concat({
    "Sequential, 128 parameters",
    "  1 Flatten",
    "  2 Linear      weight [8, 6]  bias [8]",
    "  3 Residual",
    "    body Sequential",
    "      1 Linear  weight [8, 8]  bias [8]",
  }, "\n"))
end

function TestOutline:test_says_what_is_not_built()
  lu.assertEquals(tostring(nn.Linear(3)), "Linear, not built yet: weight ?  bias ?")
end
