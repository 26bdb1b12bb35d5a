-- Where in a recipe's text a field stands. A table keeps no line numbers, so the text is searched from the line of the
-- call on: good enough for a message, and only looked at when there is one.

local locate = { further_root = nil } -- where the files of a recipe are looked for besides: see command/eval.lua

local loading

--- Says which file is being run as a recipe. `return ml.recipe{...}` is a tail call: its file is not on the stack any
-- more.
-- @param path  of the recipe, nil when it has been run
function locate.begin(path) loading = path end

--- The path of the recipe that is being run, or nil.
function locate.current() return loading end

local function lines_of(file)
  local handle = file and io.open(file, "r")
  if not handle then return {} end
  local lines = {}
  for line in handle:lines() do lines[#lines + 1] = line:gsub("%-%-.*$", "") end
  handle:close()
  return lines
end

local function call_line(file)
  for n, line in ipairs(lines_of(file)) do
    if line:find("%f[%w_]recipe%s*[{(]") then return n end
  end
  return 1
end

--- The file and line of the call of a function.
-- @param level  as in debug.getinfo: 1 is the function that calls this one, 2 its caller
-- @return { file = path or nil, name = for messages, line = }
function locate.caller(level)
  local tail = debug.getinfo(level, "t").istailcall
  local info = not tail and debug.getinfo(level + 1, "Sl")
  if info and info.currentline > 0 then
    return { file = info.source:match("^@(.*)$"), name = info.short_src, line = info.currentline }
  end
  return { file = loading, name = loading or "recipe", line = call_line(loading) }
end

--- The line of a field.
-- @param position  what caller gave
-- @param path      names from the outside in: { "train", "epochs" }
-- @return the line of the innermost name that was found, at least that of the call
function locate.field(position, path)
  local line, lines = position.line, lines_of(position.file)
  for _, name in ipairs(path) do
    local pattern = "%f[%w_]" .. name:gsub("%p", "%%%0") .. "%f[^%w_]%s*=[^=]"
    for n = line, #lines do
      if (lines[n] .. " "):find(pattern) then
        line = n
        break
      end
    end
  end
  return line
end

return locate
