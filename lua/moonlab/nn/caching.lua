--- Keys and values that attention keeps between calls, so that a text that grows is not run through anew.
-- An entry holds those of one attention layer: { length =, k =, v = }, buffers [batch, heads, capacity, D] that double when
-- they are full. A session holds the entries of all layers of a model while it runs: layers find it here, so that no
-- model has to hand anything through.

local core = require "moonlab.core"
local blame = require "moonlab.blame"

local caching = {}

local current -- the session that runs, or nil

local function grown(old, length, new, capacity)
  local shape = new.shape
  shape[3] = capacity
  local buffer = core.zeros(shape, { dtype = new.dtype })
  if length > 0 then buffer:slice(3, 1, length):copy_(old:slice(3, 1, length)) end
  return buffer
end

--- Appends the keys and values of new positions.
-- @param entry  a table, empty at first
-- @param k, v   [batch, heads, T, D]
-- @return all keys and values so far, and how many there were before
function caching.append(entry, k, v)
  local recording = core.set_grad_enabled(false)
  core.set_grad_enabled(recording)
  if recording then blame.raise "a cache of keys and values is for inference: call the model inside ml.no_grad" end
  local before = entry.length or 0
  local after = before + k:size(3)
  if before > 0 and entry.k:size(1) ~= k:size(1) then
    blame.raise("a cache of keys and values for a batch of %d was given one of %d", entry.k:size(1), k:size(1))
  end
  if before == 0 or entry.k:size(3) < after then
    local capacity = math.max(after, 2 * before, 16)
    entry.k, entry.v = grown(entry.k, before, k, capacity), grown(entry.v, before, v, capacity)
  end
  entry.k:slice(3, before + 1, after):copy_(k)
  entry.v:slice(3, before + 1, after):copy_(v)
  entry.length = after
  return entry.k:slice(3, 1, after), entry.v:slice(3, 1, after), before
end

--- A session without entries: { length = positions that went through before, entries = by layer }.
function caching.session() return { length = 0, entries = {} } end

--- Calls f(...) while layers find their entries in a session.
function caching.with(session, f, ...)
  local before = current
  current, session.uses = session, {}
  local restore <close> = setmetatable({}, { __close = function() current = before end })
  return f(...)
end

--- The entry of a layer in the session that runs, another one each time that the layer is called within it; or nil.
function caching.entry(layer)
  if not current then return nil end
  local use = (current.uses[layer] or 0) + 1
  current.uses[layer] = use
  current.entries[layer] = current.entries[layer] or {}
  current.entries[layer][use] = current.entries[layer][use] or {}
  return current.entries[layer][use]
end

--- How many positions went before those of this call.
function caching.offset() return current and current.length or 0 end

return caching
