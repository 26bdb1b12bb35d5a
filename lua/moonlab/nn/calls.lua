--- What happens when a module is called: who runs inside whom, the first call that builds, and where an error happened.
--
-- The outermost call (of the root) is the only protected one. Inside, a module is pushed on a stack and popped when its
-- forward returns, so that after an error the stack still tells the layer. While a root is built, a module that is
-- called must be registered below it; the slots that a failed first call had filled are cleared again.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local seed = require "moonlab.seed"
local tree = require "moonlab.nn.tree"

local calls = {}

local stack, depth = {}, 0
local root, building     -- the outermost module; whether this is its first call
local with_data = true   -- false: slots get shapes without storage
local paths              -- module -> dotted path below root, made when needed
local filled, made_ready -- what this call has built, to be undone when it fails
local serial = 0         -- counts outermost calls
local anomaly            -- whether ops are to remember the layer that called them
local observer           -- function(module, path, depth, run, ...) in place of the forward: nn/summary.lua

local function path_of(module)
  if not paths or paths[module] == nil then paths = tree.paths(root) end
  return paths[module]
end

-- "layer 3 (Linear)" or, of the root itself, "Linear".
local function label(module)
  local path = path_of(module)
  if not path or path == "" then return module._name end
  return ("layer %s (%s)"):format(path, module._name)
end

-- "net.lua:3, layer 2 (Linear)"
local function place_of(module)
  return (module._info.made_at and module._info.made_at .. ", " or "") .. label(module)
end

-- The first call of a module, and every call while the root is built.
local function admit(module, ...)
  if not path_of(module) then
    blame.raise("%s: called by %s, but it stands in none of its fields, so it would not be trained or saved%s\n"
      .. "  hint: put it into a field: self.layer = nn.%s(...), or into the list of a Sequential",
      module._name, root._name, module._info.made_at and " (made at " .. module._info.made_at .. ")" or "",
        module._name)
  end
  if not module._info.ready then
    module:prepare(...)
    module._info.ready = true
    made_ready[#made_ready + 1] = module
  end
end

local function leave(here, ...)
  stack[here] = nil
  depth = here - 1
  if anomaly then core.set_place(depth > 0 and place_of(stack[depth]) or nil) end
  return ...
end

-- A layer of the library that takes a tensor says so here, instead of failing somewhere inside; classes made of it may take
-- something else.
local function check_input(module, x)
  if rawget(getmetatable(module), "takes_tensor") and type(x) ~= "userdata" then
    error(("%s: the input must be a tensor, got %s"):format(module._name, blame.show(x)), 0)
  end
end

local function run(module, ...)
  check_input(module, (...))
  if anomaly then core.set_place(place_of(module)) end
  if building or not module._info.ready then admit(module, ...) end
  if observer then return observer(module, path_of(module), depth, module.forward, module, ...) end
  return module:forward(...)
end

-- The message handler of the outermost call: adds the layer and the line that made it, before the hint if there is one.
local function add_place(failure)
  if type(failure) ~= "string" then return failure end
  local module = stack[depth]
  local message, has_position = blame.strip(failure)
  if module then
    local place, hint = "\n  at " .. place_of(module), message:find("\n  hint:", 1, true)
    if message:find(place, 1, true) then place = "" end -- anomaly mode has said it
    message = hint and message:sub(1, hint - 1) .. place .. message:sub(hint) or message .. place
  end
  if has_position then return message end
  local user = blame.position()
  return user and user .. ": " .. message or message
end

local function undo()
  for _, slot in ipairs(filled) do core.clear_slot(slot) end
  for _, module in ipairs(made_ready) do module._info.ready = false end
end

local function finish(module, ok, ...)
  for i = #stack, 1, -1 do stack[i] = nil end
  depth, root, paths = 0, nil, nil
  if anomaly then core.set_place(nil) end
  if not ok then
    undo()
    filled, made_ready = nil, nil
    if building then module._info.shapes = nil end
    error((...), 0)
  end
  filled, made_ready = nil, nil
  local info = module._info
  info.built = true
  if module.training and with_data then info.step = (info.step or 0) + 1 end
  return ...
end

-- The sizes of the tensors among the inputs, without the batch, as build takes them: summary needs no others then.
local function shapes_of(...)
  local shapes = {}
  for i = 1, select("#", ...) do
    local x = (select(i, ...))
    if core.is_tensor(x) and x:dim() > 0 then
      shapes[#shapes + 1] = table.move(x.shape, 2, x:dim(), 1, { dtype = x.dtype })
    end
  end
  return shapes
end

--- Calls a module: the outermost one starts a run, the others join it.
function calls.call(module, ...)
  if depth > 0 then
    local here = depth + 1
    depth, stack[here] = here, module
    return leave(here, run(module, ...))
  end
  serial = serial + 1
  root, building, depth, stack[1] = module, not module._info.built, 1, module
  filled, made_ready, anomaly = {}, {}, core.is_anomaly()
  if building then module._info.shapes = shapes_of(...) end
  return finish(module, xpcall(run, add_place, module, ...))
end

--- Whether calls run as they are, with nobody to look at each layer: then two layers may run as one.
function calls.unwatched() return not (building or observer or anomaly) end

--- Calls f(...) with slots getting their shapes alone (data = false) and observer in place of each forward.
function calls.with(settings, f, ...)
  local old_data, old_observer = with_data, observer
  local restore <close> = setmetatable({}, { __close = function() with_data, observer = old_data, old_observer end })
  with_data, observer = settings.data ~= false, settings.observer
  return f(...)
end

--- The random stream of something below the root that is running: a key made of the seed, the number of the model, and
-- a dotted path. Nil while only shapes are looked for.
function calls.key(module, name)
  if not with_data then return nil end
  local info = root._info
  info.seed = info.seed or seed.value
  info.model = info.model or seed.next_model()
  local path = path_of(module)
  if name then path = path == "" and name or path .. "." .. name end
  return core.random_key(info.seed, info.model, path)
end

--- How many training calls the running root has had, and how many of the module have begun within this one (from 1): a
-- layer that draws random numbers in each call draws others each time, and the same when a step is repeated.
function calls.count(module)
  local info = module._info
  if info.serial ~= serial then info.serial, info.uses = serial, 0 end
  info.uses = info.uses + 1
  return root._info.step or 0, info.uses
end

local function shape_text(sizes) return "[" .. table.concat(sizes, ", ") .. "]" end

--- Gives a parameter slot its shape and first values; one that has them already is compared.
-- @param module      the layer, which is being called
-- @param name        the field of the slot
-- @param sizes       list of sizes
-- @param initialise  function(tensor, key)
function calls.fill(module, name, sizes, initialise)
  local slot = module[name]
  if not slot:is_slot() then
    if shape_text(slot.shape) ~= shape_text(sizes) then
      error(("%s: %s is %s, but this input needs %s"):format(module._name, name, shape_text(slot.shape),
        shape_text(sizes)), 0)
    end
    return
  end
  core.fill_slot(slot, sizes, module._info.dtype or "float32", with_data)
  filled[#filled + 1] = slot
  if with_data then
    local before = core.set_grad_enabled(false)
    local ok, failure = pcall(initialise, slot, calls.key(module, name))
    core.set_grad_enabled(before)
    if not ok then error(failure, 0) end
  end
end

return calls
