--- features.letters: sequences over a small alphabet, as DNA.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local Feature = require "moonlab.features.feature"
local words = require "moonlab.features.words"

-- What stands for several letters in DNA: the code of the IUPAC (1970), and U for T.
local DNA = { U = "T", R = "AG", Y = "CT", S = "CG", W = "AT", K = "GT", M = "AC", B = "CGT", D = "AGT", H = "ACT", V = "ACG",
  N = "ACGT" }

local function check(o, where)
  local seen = {}
  for i = 1, #o.alphabet do
    local letter = o.alphabet:sub(i, i)
    if seen[letter] then blame.raise("%s: the letter '%s' stands in the alphabet twice", where, letter) end
    seen[letter] = true
  end
  o.ambiguous = o.ambiguous or (o.alphabet == "ACGT" and DNA or {})
  for letter, set in pairs(o.ambiguous) do
    if type(letter) ~= "string" or #letter ~= 1 or type(set) ~= "string" or #set == 0 or set:find(("[^%s]"):format(o.alphabet:gsub("%W", "%%%0"))) then
      blame.raise("%s: ambiguous names letters and what they may be, as in { N = 'ACGT' }", where)
    end
  end
end

-- float32 [256, k]: the shares of a byte in the letters of the alphabet; a small letter is its capital.
local function shares(o)
  local list, k = {}, #o.alphabet
  for byte = 0, 255 do
    local letter = string.char(byte)
    if o.upper then letter = letter:upper() end
    local set = o.alphabet:find(letter, 1, true) and letter or o.ambiguous[letter] or ""
    for i = 1, k do list[byte * k + i] = set:find(o.alphabet:sub(i, i), 1, true) and 1 / #set or 0 end
  end
  return core.tensor(list, { dtype = "float32" }):reshape { 256, k }
end

-- int64 [256]: the place of a byte in the alphabet, k + 1 of another one.
local function places(o)
  local list = {}
  for byte = 0, 255 do
    local letter = string.char(byte)
    if o.upper then letter = letter:upper() end
    list[byte + 1] = o.alphabet:find(letter, 1, true) or #o.alphabet + 1
  end
  return core.tensor(list, { dtype = "int64" })
end

-- int64 [n, length]: each byte + 1, 0 behind the end.
local function bytes_of(column, length)
  column = (column.type == "category" and column:text() or column):trim()
  return words.padded(column.bytes:to "int64" + 1, column.ends, length)
end

local function longest(column)
  local trimmed = (column.type == "category" and column:text() or column):trim()
  return math.max(1, trimmed:length().values:max():item())
end

local function fit(column, o) return { length = o.length or longest(column) } end

local function apply(column, state, o)
  local bytes = bytes_of(column, state.length)
  local beyond, flat = bytes:eq(0), bytes:clamp(1):reshape { -1 }
  if o.as == "ids" then
    return words.tensor(places(o):index_select(1, flat):reshape(bytes.shape):masked_fill(beyond, 0), column.name)
  end
  local values = shares(o):index_select(1, flat):reshape { #column, state.length, #o.alphabet }
  return words.tensor(values:masked_fill(beyond:unsqueeze(3), 0):transpose(2, 3):contiguous(), column.name)
end

local fit_column, apply_column = Feature.each_column(fit, apply)

--- Sequences of letters, as DNA, as a tensor that is all of x. Blanks around them are left out. One-hot: float32 [n, letters, length],
-- as nn.Conv1d takes it; a letter that stands for several has its share in each (N in DNA is 0.25 in all four), another one is 0.
-- As ids: int64 [n, length] from 1 in the alphabet's order, one more for any other letter, 0 behind the end.
-- @param o  { alphabet = "ACGT", as = "one_hot" or "ids", length = of the longest in the training part if not given; longer ones are cut,
--           ambiguous = { N = "ACGT", ... }: the IUPAC's letters if the alphabet is ACGT, upper = true: small letters are as capitals,
--           columns = names; all texts if not given }
-- @return a spec for a recipe's features
-- @error a letter that is in the alphabet twice, an ambiguous one that stands for what is not in it
-- @usage features = { features.letters { alphabet = "ACGT" } }
return Feature.kind {
  name = "letters", takes = words.TYPES, wants = "text", fit = fit_column, apply = apply_column, check = check,
  options = { { "alphabet", "string", "ACGT" }, { "as", { "one_hot", "ids" }, "one_hot" }, { "length", "count" },
    { "ambiguous", "table" }, { "upper", "boolean", true } },
}
