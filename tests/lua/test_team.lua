-- Worker processes, and the tasks that are spread over them.

local lu = require "luaunit"
local vm = require "moonlab.vm"
local failure = require "moonlab.failure"
local team = require "moonlab.recipe.team"

TestTeam = {}

local function all(jobs, n, f)
  local out = {}
  team.map(jobs, n, f, function(i, value) out[i] = value end)
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

function TestTeam:test_the_first_failure_in_the_order_of_tasks_is_raised_with_its_status()
  for _, jobs in ipairs { 1, 3 } do
    local ok, problem = pcall(all, jobs, 9, function(i)
      if i >= 4 then failure.raise("data", "task %d has no data", i) end
      return i
    end)
    lu.assertFalse(ok)
    lu.assertEquals({ failure.status_of(problem), failure.message_of(problem) }, { 4, "task 4 has no data" })
  end
end

function TestTeam:test_a_process_that_is_killed_is_a_failure_and_no_hang()
  local ok, problem = pcall(all, 2, 4, function(i)
    if i == 2 then os.execute "kill -9 $PPID" end
    return i
  end)
  lu.assertFalse(ok)
  lu.assertEquals({ failure.status_of(problem), failure.message_of(problem) }, { 6, "task 2: its process was killed by signal 9" })
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
