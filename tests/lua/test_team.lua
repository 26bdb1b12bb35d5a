-- Worker processes, and the tasks that are spread over them.

local lu = require "luaunit"
local vm = require "moonlab.vm"
local failure = require "moonlab.failure"
local team = require "moonlab.recipe.team"

TestTeam = {}

local function all(jobs, n, f)
  local out = {}
  team.map("task", jobs, n, f, function(i, value) out[i] = value end)
  return out
end

function TestTeam:test_what_comes_of_a_task_does_not_depend_on_the_processes()
  local ml = require "moonlab"
  local x = ml.rand(300, 300, { dtype = "float64" })
  local function f(i) return { i = i, sum = x:matmul(x):sum():item() / i, text = "a\n\"b\"" } end
  local alone = all(1, 7, f)
  lu.assertEquals(#alone, 7)
  lu.assertEquals(all(3, 7, f), alone)
  lu.assertEquals(all(16, 7, f), alone)
  lu.assertEquals(all(4, 0, f), {})
end

function TestTeam:test_tensors_come_back_with_the_bits_that_they_had()
  local ml = require "moonlab"
  local given = { values = ml.tensor({ { 0.1, -0.0 }, { 1 / 0, 5e-324 } }, { dtype = "float64" }), ids = ml.tensor { 1 << 62, -1 },
    turned = ml.arange(1, 6):reshape({ 2, 3 }):transpose(1, 2), nothing = ml.zeros(0, 2), mask = ml.tensor { 1, 0 }:eq(1) }
  for _, jobs in ipairs { 1, 2 } do
    local seen = 0
    team.map("task", jobs, 3, function(i) return { i = i }, i < 3 and given or nil end, function(i, value, tensors)
      lu.assertEquals(value, { i = i })
      for name, x in pairs(tensors) do
        lu.assertEquals({ x.dtype, x.shape }, { given[name].dtype, given[name].shape }, name)
        lu.assertTrue(x:equal(given[name]), name)
        seen = seen + 1
      end
      if i < 3 then lu.assertEquals(1 / tensors.values:at(1, 2), -1 / 0) end
    end)
    lu.assertEquals(seen, 10)
  end
end

function TestTeam:test_a_text_that_is_too_short_for_a_tensor_is_refused()
  local core = require "moonlab.core"
  local x = core.zeros({ 2 }, { dtype = "float64" })
  for _, case in ipairs { { "", 1 }, { ("a"):rep(16), 2 }, { ("a"):rep(16), 0 }, { ("a"):rep(16), 18 }, { ("a"):rep(16), math.mininteger } } do
    lu.assertErrorMsgContains("the text ends before the tensor", core.fill_raw, x, case[1], case[2])
  end
  local _, behind = core.fill_raw(x, ("a"):rep(17), 2)
  lu.assertEquals(behind, 18)
  lu.assertErrorMsgContains("a contiguous tensor expected", core.raw, core.zeros { 2, 3 }:transpose(1, 2))
end

function TestTeam:test_the_first_failure_in_the_order_of_tasks_is_raised_with_its_status()
  for _, jobs in ipairs { 1, 3 } do
    local ok, problem = pcall(all, jobs, 9, function(i)
      if i >= 4 then failure.raise("data", "task %d has no data", i) end
      return i
    end)
    lu.assertFalse(ok)
    lu.assertEquals({ failure.status_of(problem), failure.message_of(problem) }, { 4, "task 4 has no data\n  in task 4 of 9" })
  end
end

function TestTeam:test_a_process_that_is_killed_is_a_failure_and_no_hang()
  local ok, problem = pcall(all, 2, 4, function(i)
    if i == 2 then os.execute "kill -9 $PPID" end
    return i
  end)
  lu.assertFalse(ok)
  lu.assertEquals({ failure.status_of(problem), failure.message_of(problem) }, { 6, "task 2 of 4: its process was killed by signal 9, as the system does to one that takes more memory than there is" })
end

function TestTeam:test_workers_answer_any_bytes_of_any_length()
  local workers <close> = vm.workers(2, function(task) return task:reverse() end)
  for _, text in ipairs { "", "\0\1\255", ("ab"):rep(2000000) } do
    workers:send(2, text)
    local i, answer = workers:receive()
    lu.assertEquals(i, 2)
    lu.assertTrue(answer == text:reverse())
  end
end

function TestTeam:test_workers_refuse_what_makes_no_sense()
  lu.assertErrorMsgContains("1 to 64 workers expected", vm.workers, 0, print)
  local workers <close> = vm.workers(1, function(task) return task end)
  lu.assertErrorMsgContains("no worker has a task", workers.receive, workers)
  workers:send(1, "x")
  lu.assertErrorMsgContains("the worker is not idle", workers.send, workers, 1, "y")
  lu.assertErrorMsgContains("no such worker", workers.send, workers, 2, "y")
end
