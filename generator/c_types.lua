-- How the types of arguments look in C: in a struct, as a parameter, and how a default is written.

local M = {}

local C = {
  number = "double", integer = "int64_t", boolean = "bool", dim = "int64_t", new_dim = "int64_t", position = "int64_t",
  dims = "ml_dims", shape = "ml_shape", integers = "ml_integers", pair = "ml_pair", padding = "ml_pair", dtype = "ml_dtype",
}
local BY_POINTER = { dims = true, shape = true, integers = true }

-- The enumeration of an argument that takes words: reduction -> ml_reduction.
local function word_type(a) return "ml_" .. (a.enum or a.name) end

function M.member(a) return (a.words and word_type(a) or C[a.type]) .. " " .. a.name end
function M.parameter(a)
  if BY_POINTER[a.type] then return ("const %s *%s"):format(C[a.type], a.name) end
  return M.member(a)
end
function M.by_pointer(a) return BY_POINTER[a.type] or false end

function M.enumeration(a)
  local words = {}
  for _, word in ipairs(a.words) do table.insert(words, ("ML_%s_%s"):format((a.enum or a.name):upper(), word:upper())) end
  return ("typedef enum %s { %s } %s;"):format(word_type(a), table.concat(words, ", "), word_type(a))
end

function M.number(value)
  if value == math.huge then return "HUGE_VAL" elseif value == -math.huge then return "-HUGE_VAL" end
  return ("%.17g"):format(value)
end

function M.quote(text) return '"' .. text:gsub('[\\"]', "\\%0"):gsub("\n", "\\n") .. '"' end

return M
