-- What the sanitizer build runs: a short training with one layer of each kind, then the sweep over all ops with its
-- empty and refused inputs, the calls of the oracle, and the sweep over all layers. A finding of the sanitizer ends the program with its report.
--
--   build-sanitize/moonlab tests/lua/sanitized.lua

package.path = package.path .. ";/usr/share/lua/5.4/?.lua;tests/lua/?.lua"

local luaunit = require "luaunit"
local small = require "small_cnn"
local core = require "moonlab.core"

TestSanitized = {}

function TestSanitized:test_a_training_runs()
  local threads = core.threads()
  for _, n in ipairs { 1, 2, 7 } do
    core.threads(n)
    local loss = small.train(6, 32)
    luaunit.assertTrue(loss == loss and loss < 3)
  end
  core.threads(threads)
end

function TestSanitized:test_a_trained_model_is_saved_and_loaded()
  local _, model = small.train(2, 32)
  local path = os.tmpname()
  model:save(path)
  local other = small.model()
  other:build { 1, 12, 12 }
  other:load(path)
  os.remove(path)
  model:eval()
  other:eval()
  local x = small.pictures(8, 5).x
  luaunit.assertTrue(model(x):equal(other(x)))
end

function TestSanitized:test_a_model_is_only_checked()
  local model = small.model()
  luaunit.assertStrContains(tostring(model:summary { 1, 12, 12 }), "Conv2d")
end

arg = { "tests/lua/test_sweep.lua", "tests/lua/test_oracle.lua", "tests/lua/test_tensor.lua", "tests/lua/test_arguments.lua",
  "tests/lua/test_nn_sweep.lua" }
dofile "tests/lua/run.lua"
