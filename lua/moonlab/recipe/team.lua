--- The same work for many tasks, in processes beside this one: folds and trials. What comes of a task does not depend on how many
-- processes there are, nor on which of them did it.

local failure = require "moonlab.failure"
local json = require "moonlab.json"
local parcel = require "moonlab.recipe.parcel"
local vm = require "moonlab.vm"

local team = {}

--- Refuses a number of processes that can not be.
-- @param jobs   of the command line, or nil
-- @param where  the subcommand, for the message
-- @error a failure with status 2
function team.check(jobs, where)
  if jobs and (jobs < 1 or jobs > 64) then failure.raise("usage", "%s: --jobs is from 1 to 64, got %d", where, jobs) end
end

-- The status of what was raised: ^C may come as the plain error of a loop that asks for it.
local function status_of(problem)
  return failure.is_interrupt(problem) and failure.status.interrupted or failure.status_of(problem)
end

--- Whether what was raised is ^C, here or in a process that works for this one.
function team.is_interrupt(problem) return status_of(problem) == failure.status.interrupted end

-- A task's value and tensors, or its failure, as text.
local function answered(f, i)
  local ok, value, tensors = pcall(f, i)
  if ok then return parcel.pack(json.object { { "value", value } }, tensors) end
  return parcel.pack(json.object { { "status", status_of(value) }, { "message", failure.message_of(value) } })
end

--- Raises what a task has raised.
-- @param answer  { status =, message = }
function team.raise(answer)
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
    return answered(f, json.decode(task))
  end
end

-- One after another, in this process.
local function in_turn(f, ask, each)
  for task in ask, 1 do each(task, parcel.unpack(answered(f, json.decode(json.encode(task))))) end
end

local OFTEN = ", as the system does to one that takes more memory than there is"

-- Gives each idle worker a task, as long as there are any.
local function hand_out(workers, ask, at_work, jobs)
  for worker = 1, jobs do
    if at_work[worker] == nil then
      local task = ask(worker)
      at_work[worker] = task
      if task ~= nil then workers:send(worker, json.encode(task)) end
    end
  end
end

--- Does tasks as they are found: what comes of one may decide what the next ones are.
-- @param jobs  processes; 1: all is done in this one
-- @param f     function(task) -> plain values, which pass through JSON, and tensors by name; what it changes besides is kept by its process alone
-- @param ask   function(worker) -> a task (plain values) for the worker of this number, or nil: none before another answer is there
-- @param each  function(task, answer, tensors): called here, as the tasks end; answer = { value = } or { status =, message = } of a failure
-- @param named  function(task) -> what it is called in the message of a process that was killed
-- @error a process that was killed
function team.serve(jobs, f, ask, each, named)
  if jobs <= 1 then return in_turn(f, ask, each) end
  local workers <close> = vm.workers(jobs, work_alone(jobs, f))
  local at_work = {}
  hand_out(workers, ask, at_work, jobs)
  while next(at_work) do
    local worker, text, why = workers:receive()
    local task = at_work[worker]
    if not text then failure.raise("memory", "%s: its process was %s%s", named(task), why, why:find "signal 9$" and OFTEN or "") end
    at_work[worker] = nil
    each(task, parcel.unpack(text))
    hand_out(workers, ask, at_work, jobs)
  end
end

--- Does tasks 1 to n.
-- @param what  "fold": what a task is called in the message of its failure
-- @param jobs  processes; 1: all is done in this one
-- @param n     how many tasks
-- @param f     function(i) -> plain values, which pass through JSON, and tensors by name; what it changes besides is lost with its process
-- @param each  function(i, value, tensors): called here, as the tasks end
-- @error the failure of the first task, in their order, that failed; a process that was killed
function team.map(what, jobs, n, f, each)
  local last, failed = 0, nil
  local function ask()
    if last == n or failed then return nil end
    last = last + 1
    return last
  end
  team.serve(math.min(jobs, n), f, ask, function(i, answer, tensors)
    if not answer.message then
      each(i, answer.value, tensors)
    elseif not failed or i < failed.task then
      failed = { task = i, answer = answer }
    end
  end, function(i) return ("%s %d of %d"):format(what, i, n) end)
  if not failed then return end
  local answer = failed.answer
  if answer.status ~= failure.status.interrupted then answer.message = ("%s\n  in %s %d of %d"):format(answer.message, what, failed.task, n) end
  team.raise(answer)
end

return team
