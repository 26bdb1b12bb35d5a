--- Writing on: a model that maps ids [B, T] to logits [B, T, ids] is asked again and again for the next id. A method of Module.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local caching = require "moonlab.nn.caching"
local options = require "moonlab.options"
local tree = require "moonlab.nn.tree"

local generation = {}

local read = options("generate", {
  { "prompt", "any" }, { "tokens", "count" }, { "temperature", "number", 1 }, { "top_k", "count" }, { "top_p", "number", 1 },
  { "stop", "any" }, { "seed", "integer" }, { "cache", "boolean" }, { "context", "count" },
}, "model:generate{prompt = {5, 3}, tokens = 100}")

-- The prompt as a list of rows of ids; whether it was one row without a batch.
local function rows_of(prompt)
  if type(prompt) == "table" and #prompt > 0 then prompt = core.tensor(prompt) end
  if type(prompt) ~= "userdata" then
    blame.raise("generate: the prompt must be a list of ids or a tensor of them, got %s", blame.show(prompt))
  end
  local single = prompt:dim() == 1
  if prompt:dim() > 2 or prompt:dim() < 1 or prompt:numel() == 0 or not prompt.dtype:find "int" then
    blame.raise("generate: the prompt must be integers [T] or [batch, T] with at least one position, got %s [%s]", prompt.dtype,
      table.concat(prompt.shape, ", "))
  end
  return (single and prompt:unsqueeze(1) or prompt):tolist(), single
end

-- Columns from .. to of the rows, as a tensor.
local function columns(rows, from, to)
  local list = {}
  for i, row in ipairs(rows) do list[i] = table.move(row, from, to, 1, {}) end
  return core.tensor(list)
end

-- Logits of the last position: [B, ids].
local function last_logits(model, ids)
  local logits = model(ids)
  if not core.is_tensor(logits) or logits:dim() ~= 3 or logits:size(1) ~= ids:size(1) or logits:size(2) ~= ids:size(2) then
    blame.raise("generate: the model must map ids [batch, T] to logits [batch, T, ids], but of [%s] it made %s",
      table.concat(ids.shape, ", "),
      core.is_tensor(logits) and "[" .. table.concat(logits.shape, ", ") .. "]" or blame.show(logits))
  end
  return logits:select(2, -1)
end

-- The most positions that the model takes: the least `context` of its layers.
local function context_of(model, given)
  local least = given
  for _, entry in ipairs(tree.modules(model)) do
    local context = rawget(entry.module, "context")
    if math.type(context) == "integer" then least = math.min(least or context, context) end
  end
  return least or math.maxinteger
end

-- What gives the logits of each next position: runs what is new through the model where its layers keep keys and values,
-- else all that is in the context. The second answer with a cache is compared with one without: a layer that does
-- not know of positions before its input would go wrong in silence.
local function reader(model, rows, context, wanted)
  local session, checked = wanted ~= false and #rows[1] <= context and caching.session() or nil, false
  local function anew() return last_logits(model, columns(rows, math.max(1, #rows[1] - context + 1), #rows[1])) end
  local function give_up(why)
    if wanted then blame.raise("generate: the cache can't be used with this model: %s", why) end
    session = nil
    return anew()
  end
  return function()
    local count = #rows[1]
    if not session or count > context then return anew() end
    local first = session.length == 0
    local logits = caching.with(session, last_logits, model, columns(rows, session.length + 1, count))
    session.length = count
    if first and next(session.entries) == nil then
      if wanted then return give_up "none of its layers keeps keys and values (nn.MultiheadAttention with causal = true does)" end
      session = nil
    elseif not first and not checked then
      checked = true
      if not logits:allclose(anew(), { rtol = 1e-4, atol = 1e-4 }) then
        return give_up "with it the logits are others; some layer depends on positions that it does not see"
      end
    end
    return logits
  end
end

-- Ids by falling probability, those that top_k and top_p leave, and their weights relative to the largest.
local function candidates(logits, o)
  local largest = -math.huge
  for _, x in ipairs(logits) do
    if x ~= x then blame.raise "generate: the model gave NaN" end
    largest = math.max(largest, x)
  end
  local ids, weights, total = {}, {}, 0
  for id, x in ipairs(logits) do
    ids[id], weights[id] = id, math.exp((x - largest) / o.temperature)
    total = total + weights[id]
  end
  if o.top_k or o.top_p < 1 then
    table.sort(ids, function(a, b)
      if weights[a] ~= weights[b] then return weights[a] > weights[b] end
      return a < b
    end)
    local kept, sum = math.min(o.top_k or #ids, #ids), 0
    total = 0
    for i = 1, kept do total = total + weights[ids[i]] end
    for i = 1, kept do
      sum = sum + weights[ids[i]]
      if sum >= o.top_p * total then kept, total = i, sum break end
    end
    ids = table.move(ids, 1, kept, 1, {})
  end
  return ids, weights, total
end

local function pick(logits, o, key, number)
  local ids, weights, total = candidates(logits, o)
  local at = core.random_double(key, number) * total
  for _, id in ipairs(ids) do
    at = at - weights[id]
    if at < 0 then return id end
  end
  return ids[1]
end

local function stops(value)
  local set = {}
  for _, id in ipairs(type(value) == "table" and value or { value }) do
    if math.type(id) ~= "integer" then blame.raise("generate: stop must be an id or a list of ids, got %s", blame.show(id)) end
    set[id] = true
  end
  return set
end

-- In evaluation and outside of the graph; as it was before, afterwards.
local function quietly(model, f)
  local was = {}
  for _, entry in ipairs(tree.modules(model)) do was[entry.module] = entry.module.training end
  local recording = core.set_grad_enabled(false)
  local restore <close> = setmetatable({}, { __close = function()
    core.set_grad_enabled(recording)
    for module, training in pairs(was) do module.training = training end
  end })
  model:eval()
  return f()
end

local function write(model, rows, o, key)
  local next_logits = reader(model, rows, context_of(model, o.context), o.cache)
  local stop, done, running = stops(o.stop), {}, #rows
  for step = 1, o.tokens do
    local logits = next_logits()
    local best = o.temperature == 0 and logits:argmax(2):tolist()
    local lists = not best and logits:tolist()
    for b, row in ipairs(rows) do
      local id = best and best[b] or not best and pick(lists[b], o, key, (step - 1) * #rows + b - 1)
      row[#row + 1] = done[b] and 0 or id
      if not done[b] and stop[id] then
        done[b], running = true, running - 1
      end
    end
    if running == 0 then break end
  end
end

--- Writes on after a prompt, id by id, with a causal language model: any module that maps ids [B, T] to logits [B, T, ids].
-- @param o  { prompt = list of ids, or tensor [T] or [B, T]; tokens = how many to add;
--           temperature = 1 (0: always the likeliest), top_k = only the k likeliest, top_p = only the likeliest that together
--           have this probability, stop = an id or a list of them after which a row ends (a row that ended is filled up
--           with 0), seed = of the choices (else the stream of ml.manual_seed), context = the most positions the model is
--           shown (else what its nn.LearnedPosition holds),
--           cache = keep keys and values of attention between steps: if not said, where that gives the same }
-- @return ids of prompt and continuation, int64 [T'] or [B, T']
-- @usage model:generate{prompt = ids, tokens = 200, temperature = 0.8, top_k = 40, seed = 1}
function generation.generate(self, o)
  if type(o) == "table" and #o > 0 then
    blame.raise "generate takes a table with names: model:generate{prompt = ids, tokens = 100}"
  end
  o = read(o)
  if o.prompt == nil or o.tokens == nil then
    blame.raise "generate: prompt and tokens are needed: model:generate{prompt = ids, tokens = 100}"
  end
  if not (o.temperature >= 0 and o.temperature < math.huge) then blame.raise("generate: temperature must be 0 or more, and finite, got %s", o.temperature) end
  if not (o.top_p > 0 and o.top_p <= 1) then blame.raise("generate: top_p must be above 0 and at most 1, got %s", o.top_p) end
  local rows, single = rows_of(o.prompt)
  local seed = o.seed or o.temperature > 0 and core.randint(1, math.maxinteger, { 1 }):item() or 0
  quietly(self, function() write(self, rows, o, core.random_key(seed, "generate")) end)
  local ids = core.tensor(rows)
  return single and ids:select(1, 1) or ids
end

return generation
