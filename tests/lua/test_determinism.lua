-- The promises about bits and memory: the same seed gives the same weights whatever the threads, a step in steady state
-- asks the system for nothing, and the collector sees the memory of tensors.

local luaunit = require "luaunit"
local core = require "moonlab.core"
local ml = require "moonlab"
local small = require "small_cnn"

TestDeterminism = {}

function TestDeterminism:setUp() self.threads = core.threads() end
function TestDeterminism:tearDown() core.threads(self.threads) end

local function weights(threads)
  core.threads(threads)
  local loss, model = small.train(12, 48)
  return model:state_dict(), loss
end

-- Every tensor of two state dicts, bit for bit.
local function assert_same(a, b)
  local n = 0
  for name, x in pairs(a) do
    luaunit.assertTrue(x:equal(b[name]), name .. " differs")
    n = n + 1
  end
  for name in pairs(b) do luaunit.assertNotNil(a[name], name) end
  luaunit.assertTrue(n >= 12, "only " .. n .. " tensors")
end

function TestDeterminism:test_the_number_of_threads_changes_no_bit()
  local one, loss_one = weights(1)
  for _, threads in ipairs { 2, 7 } do
    local other, loss = weights(threads)
    luaunit.assertEquals(loss, loss_one)
    assert_same(one, other)
  end
end

function TestDeterminism:test_the_same_seed_gives_the_same_bits_again()
  assert_same((weights(2)), (weights(2)))
end

function TestDeterminism:test_another_seed_gives_other_weights()
  local first = small.model()
  ml.manual_seed(3)
  first(small.pictures(2, 1).x)
  local second = small.model()
  ml.manual_seed(4)
  second(small.pictures(2, 1).x)
  luaunit.assertFalse(first:parameters()[1]:equal(second:parameters()[1]))
end

function TestDeterminism:test_training_learns()
  local losses = {}
  small.train(60, 48, function(_, loss) losses[#losses + 1] = loss end)
  luaunit.assertTrue(losses[60] < losses[1] / 2, ("the loss went from %f to %f"):format(losses[1], losses[60]))
end

function TestDeterminism:test_large_ops_do_not_depend_on_threads()
  local function results(threads)
    core.threads(threads)
    local x, y = core.randn(300, 517, { key = 1 }), core.randn(517, 211, { key = 2 })
    x.requires_grad, y.requires_grad = true, true
    local z = x:matmul(y):softmax(2)
    local pictures = core.randn(9, 16, 19, 23, { key = 3 })
    local kernel = core.randn(32, 16, 3, 3, { key = 4 })
    kernel.requires_grad = true
    local conv = core.ops.conv2d(pictures, kernel, nil, { padding = 1, stride = 2 })
    ;(z:sum(1):std() + conv:gelu():mean()):backward()
    return { z:detach(), x.grad, y.grad, conv:detach(), kernel.grad, core.randperm(10007, { key = 5 }), x:detach():logsumexp(), x:detach():var(1) }
  end
  local one = results(1)
  for _, threads in ipairs { 2, 3, 7 } do
    for i, x in ipairs(results(threads)) do luaunit.assertTrue(x:equal(one[i]), ("result %d with %d threads"):format(i, threads)) end
  end
end

function TestDeterminism:test_norms_do_not_depend_on_threads()
  local function results(threads)
    core.threads(threads)
    local rows, last = core.randn(5, 12, 37, 41, { key = 1 }), core.randn(5, 37, 41, 12, { key = 2 })
    local weight, bias = core.randn(12, { key = 3 }), core.randn(12, { key = 4 })
    local list = {}
    for _, x in ipairs { rows, last:permute(1, 4, 2, 3):detach() } do
      local leaves = { x, weight, bias }
      for _, leaf in ipairs(leaves) do leaf.requires_grad, leaf.grad = true, nil end
      local y = ml.nn.group_norm(x, 3, weight, bias)
      ;(y * core.randn(y.shape, { key = 5 })):sum():backward()
      list[#list + 1] = y:detach()
      for _, leaf in ipairs(leaves) do list[#list + 1] = leaf.grad:clone() end
    end
    local x, scale = core.randn(301, 77, { key = 6 }), core.randn(77, { key = 7 })
    x.requires_grad, scale.requires_grad = true, true
    ml.nn.rms_norm(x, scale):square():sum():backward()
    list[#list + 1], list[#list + 2] = x.grad, scale.grad
    return list
  end
  local one = results(1)
  for _, threads in ipairs { 2, 7 } do
    for i, x in ipairs(results(threads)) do luaunit.assertTrue(x:equal(one[i]), ("result %d with %d threads"):format(i, threads)) end
  end
end

TestMemory = {}

function TestMemory:test_a_step_in_steady_state_asks_the_system_for_nothing()
  local calls, live = {}, {}
  small.train(24, 32, function(step)
    collectgarbage()
    calls[step], live[step] = core.memory().system_calls, core.memory().live
  end)
  for step = 13, 24 do luaunit.assertEquals(calls[step], calls[12], "step " .. step) end
  for step = 13, 24 do luaunit.assertEquals(live[step], live[12], "step " .. step) end
end

function TestMemory:test_all_memory_comes_back()
  collectgarbage()
  local before = core.memory().live
  small.train(3, 32)
  collectgarbage()
  collectgarbage() -- finalizers of the first round let go of more
  luaunit.assertEquals(core.memory().live, before)
end

function TestMemory:test_the_collector_sees_tensors()
  collectgarbage()
  core.reset_peak()
  local before = core.memory().live
  for _ = 1, 20000 do core.zeros(64, 1024) end -- 256 KiB each, 5 GB in all
  luaunit.assertTrue(core.memory().peak - before < 200e6, ("the peak was %.0f MB"):format((core.memory().peak - before) / 1e6))
end

function TestMemory:test_the_collector_sees_results_of_ops()
  collectgarbage()
  core.reset_peak()
  local before = core.memory().live
  local x = core.ones(64, 1024)
  for _ = 1, 3000 do local _ = (x + 1):reshape(1024, 64):transpose() end
  luaunit.assertTrue(core.memory().peak - before < 200e6, ("the peak was %.0f MB"):format((core.memory().peak - before) / 1e6))
end

function TestMemory:test_a_stopped_collector_stays_stopped()
  collectgarbage "stop"
  local before = collectgarbage "count"
  for _ = 1, 100 do core.zeros(64, 1024) end
  local running = collectgarbage "isrunning"
  local after = collectgarbage "count"
  collectgarbage "restart"
  luaunit.assertFalse(running)
  luaunit.assertTrue(after > before)
end
