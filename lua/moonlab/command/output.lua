--- Where a recipe's own print goes: above the progress line, and to stderr where stdout is for JSON alone.
-- The recipe gets copies of these globals when it is loaded, so they are set before.

local json = require "moonlab.json"

local output = {}

local display -- the progress line that may have to go out of the way

local function to_stream(stream, text)
  if display then display:clear() end
  stream:write(text)
  stream:flush()
end

--- Replaces print and io.write in this state.
-- @param json  whether stdout is for JSON alone
function output.begin(json)
  local stream = json and io.stderr or io.stdout
  function print(...)
    local texts = table.pack(...)
    for i = 1, texts.n do texts[i] = tostring(texts[i]) end
    to_stream(stream, table.concat(texts, "\t") .. "\n")
  end
  function io.write(...)
    to_stream(stream, table.concat { ... })
    return stream
  end
end

--- A line of JSON on stdout, where the options ask for JSON.
-- @param options  of the command: json
-- @param event    what has happened: "epoch", "fold", "result"
-- @param entries  a list of { key, value }
function output.emit(options, event, entries)
  if not options.json then return end
  io.stdout:write(json.encode(json.object { { "event", event }, table.unpack(entries) }), "\n")
  io.stdout:flush()
end

--- Says which progress line print has to land above.
function output.above(progress) display = progress end

return output
