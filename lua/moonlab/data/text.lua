--- Text, symbol by symbol: data.text (windows of one long text) and data.lines (short texts, one a line). x holds ids, y the
-- ids that come next; 0 stands for no symbol and does not count in a loss.

local core = require "moonlab.core"
local vm = require "moonlab.vm"
local blame = require "moonlab.blame"
local failure = require "moonlab.failure"
local options = require "moonlab.options"
local Alphabet = require "moonlab.data.alphabet"
local Dataset = require "moonlab.data.dataset"
local locate = require "moonlab.data.locate"

local sources = {}

local function read(path)
  local text, problem = vm.read(path)
  if not text then failure.raise("data", "%s: %s", path, problem) end
  return text
end

-- What both kinds have as sources and for generating.
local function text_methods(Kind)
  function Kind:load()
    if not self.alphabet then self:prepare(read(self.path)) end
    return self
  end
  --- How many different symbols there are: the classes of the next one.
  function Kind:symbols() return #self:load().alphabet.symbols end
  --- Ids of a text as an int64 tensor.
  function Kind:encode(text) return self:load().alphabet:encode(text) end
  --- The text of ids.
  function Kind:decode(ids) return self:load().alphabet:decode(ids) end
  function Kind:count() return self:load().size end
  function Kind:peek()
    local width = self:load().width
    return { count = self.size, x = { width, dtype = "int64" }, y = { width, dtype = "int64" },
      classes = #self.alphabet.symbols, bytes = 8 * (self.ids or self.x):numel() }
  end
  --- Another text with the symbols of a model.
  function Kind:elsewhere(path, model)
    if vm.exists(path) ~= "file" then failure.raise("data", "%s: looked for a file of text", path) end
    local set = setmetatable({ what = self.what, name = path, path = path, unique = self.unique, width = self.what == "text" and self.width or nil,
      known = Alphabet.known(model.classes) }, Kind)
    set:load()
    if set.place then set:place(1, #set.ids, set.width) end -- once, window behind window
    return set
  end
  function Kind:parts() return { train = self:load() } end
  function Kind:files() return { { path = self.path, sha256 = core.sha256(self.path) } } end
  function Kind:describe() return { kind = self.what, path = self.name, rows = self:count(), width = self.width } end
end

-- Windows -------------------------------------------------------------------------------------------------------------

local Windows = Dataset.kind "moonlab.Windows"
text_methods(Windows)

function Windows:prepare(text)
  self.alphabet = self.known and self.known:check(text, self.name) or Alphabet.of(text)
  self.ids, self.classes = self.alphabet:encode(text), self.alphabet.symbols
  if #self.ids <= self.width then
    failure.raise("data", "%s: %d symbols are too few for windows of %d and the symbol after them", self.name, #self.ids, self.width)
  end
  self:place(1, #self.ids, 1)
end

-- The windows that begin at `from`, `from + step`, ... and end, with the symbol after them, by `to`.
function Windows:place(from, to, step)
  self.from, self.to, self.step = from, to, step
  self.size = (to - from - self.width) // step + 1
end

function Windows:fetch(rows)
  local starts = ((rows - 1) * self.step + (self.from - 1)):unsqueeze(2)
  local at = (starts + core.arange(1, self.width):unsqueeze(1)):reshape { -1 }
  local shape = { #rows, self.width }
  return { x = self.ids:index_select(1, at):reshape(shape), y = self.ids:index_select(1, at + 1):reshape(shape) }
end

local function part_of(set, from, to, step, name)
  local part = setmetatable({}, getmetatable(set))
  for key, value in pairs(set) do part[key] = value end
  part.name = set.name .. "/" .. name
  part:place(from, to, step)
  if part.size < 1 then
    blame.raise("split: the %s part of %s has %d symbols, fewer than a window of %d and the next", name, set.name, to - from + 1, set.width)
  end
  return part
end

--- Cuts by position, since windows overlap: the first symbols train, the last are held out, validation stands between. Parts that
-- only assess go through their text once, window behind window.
function Windows:cut(wish)
  local n = #self:load().ids
  local test, valid = math.floor(n * (wish.test or 0)), math.floor(n * (wish.valid or 0))
  local last = n - test - valid
  return {
    train = part_of(self, 1, last, 1, "train"),
    valid = valid > 0 and part_of(self, last + 1, last + valid, self.width, "valid") or nil,
    test = test > 0 and part_of(self, n - test + 1, n, self.width, "test") or nil,
  }
end

local read_text = options("data.text", { { "context", "count", 64 } }, 'data.text("book.txt", {context = 64})')

--- A text as windows of symbols: x [context] are ids, y [context] the ids of the symbols after them. The alphabet is that of the
-- whole text; a recipe's `split` cuts it by position.
-- @param path  a file; in a recipe, from its folder
-- @param o     { context = 64: symbols of a window }
-- @return a data set: :symbols(), :encode(text), :decode(ids)
-- @error a file that is not there or too short
-- @usage local text = data.text("data/tinyshakespeare.txt", { context = 64 })
function sources.text(path, o)
  if type(path) ~= "string" then blame.raise("data.text: the path of a file is needed, got %s", blame.show(path)) end
  o = read_text(o)
  return setmetatable({ what = "text", name = path:match "[^/]+$", path = locate("data.text", path), width = o.context }, Windows)
end

-- Lines ---------------------------------------------------------------------------------------------------------------

local Lines = Dataset.kind "moonlab.Lines"
text_methods(Lines)

local END = "\n"

function Lines:prepare(text)
  local lines, seen, width = {}, {}, 1
  for line in (text:gsub("\r\n", "\n")):gmatch "[^\n]+" do
    if not (self.unique and seen[line]) then lines[#lines + 1], seen[line] = line, true end
  end
  if #lines == 0 then failure.raise("data", "%s has no lines", self.name) end
  self.alphabet = self.known and self.known:check(table.concat(lines), self.name) or Alphabet.of(table.concat(lines), { END })
  self.classes = self.alphabet.symbols
  local encoded = {}
  for i, line in ipairs(lines) do
    encoded[i] = self.alphabet:list(line)
    width = math.max(width, #encoded[i] + 1)
  end
  self.width, self.size = width, #lines
  local x, y = {}, {}
  for _, ids in ipairs(encoded) do
    for t = 1, width do
      x[#x + 1] = t == 1 and 1 or ids[t - 1] or 0
      y[#y + 1] = ids[t] or (t == #ids + 1 and 1) or 0
    end
  end
  self.x = core.tensor(x, { dtype = "int64" }):reshape { #lines, width }
  self.y = core.tensor(y, { dtype = "int64" }):reshape { #lines, width }
end

function Lines:fetch(rows)
  local y = self.y:index_select(1, rows)
  return { x = self.x:index_select(1, rows), y = y, over = y:ne(0):sum():item() }
end

local read_lines = options("data.lines", { { "unique", "boolean", true } }, 'data.lines("names.txt")')

--- Short texts, one a line, empty ones left out. x [width] are an end mark and the symbols, y [width] the symbols and an end mark,
-- both filled up with 0 to the longest line. Id 1 is the end mark.
-- @param path  a file; in a recipe, from its folder
-- @param o     { unique = true: a line that is there twice counts once, or it could train and assess }
-- @return a data set: :symbols(), :encode(text), :decode(ids)
-- @error a file that is not there or empty
-- @usage local names = data.lines "data/names.txt"
function sources.lines(path, o)
  if type(path) ~= "string" then blame.raise("data.lines: the path of a file is needed, got %s", blame.show(path)) end
  o = read_lines(o)
  return setmetatable({ what = "lines", name = path:match "[^/]+$", path = locate("data.lines", path), unique = o.unique }, Lines)
end

return sources
