--- The same work for many tasks, in processes beside this one: folds and trials. What comes of a task does not depend on how many
-- processes there are, nor on which of them did it.

local failure = require "moonlab.failure"
local json = require "moonlab.json"
local vm = require "moonlab.vm"

local team = {}

-- A task's value, or its failure, as text.
local function answered(f, i)
  local ok, value = pcall(f, i)
  if ok then return json.encode(json.object { { "value", value } }) end
  return json.encode(json.object { { "status", failure.status_of(value) }, { "message", failure.message_of(value) } })
end

-- Raises what a task has raised.
local function raise_again(answer)
  for kind, status in pairs(failure.status) do
    if status == answer.status then failure.raise(kind, "%s", answer.message) end
  end
  failure.raise("error", "%s", answer.message)
end

-- Copies of this process share its processors.
local function work_alone(jobs, f)
  local threads = math.max(1, vm.threads() // jobs)
  return function(task)
    vm.threads(threads)
    return answered(f, math.tointeger(tonumber(task)))
  end
end

-- One after another, in this process.
local function in_turn(n, f, each)
  for i = 1, n do
    local answer = json.decode(answered(f, i))
    if answer.message then raise_again(answer) end
    each(i, answer.value)
  end
end

--- Does tasks 1 to n.
-- @param jobs  processes; 1: all is done in this one
-- @param n     how many tasks
-- @param f     function(i) -> plain values, which pass through JSON; what it changes besides is lost with its process
-- @param each  function(i, value): called here, as the tasks end
-- @error the failure of the first task, in their order, that failed; a process that was killed
function team.map(jobs, n, f, each)
  jobs = math.min(jobs, n)
  if jobs <= 1 then return in_turn(n, f, each) end
  local workers <close> = vm.workers(jobs, work_alone(jobs, f))
  local task_of, next_task, busy, failed = {}, 1, 0, nil
  local function hand_out(worker)
    if next_task > n or failed then return end
    task_of[worker] = next_task
    workers:send(worker, tostring(next_task))
    next_task, busy = next_task + 1, busy + 1
  end
  for worker = 1, jobs do hand_out(worker) end
  while busy > 0 do
    local worker, text, why = workers:receive()
    local i = task_of[worker]
    busy = busy - 1
    if not text then failure.raise("memory", "task %d: its process was %s", i, why) end
    local answer = json.decode(text)
    if not answer.message then
      each(i, answer.value)
    elseif not failed or i < failed.task then
      failed = { task = i, answer = answer }
    end
    hand_out(worker)
  end
  if failed then raise_again(failed.answer) end
end

return team
