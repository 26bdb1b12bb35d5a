-- Loads bindings/reference.lua, and the section headings of it and of the op tables. A section is a line
-- "-- Heading ---...", and the comment lines below it, if any, are its introduction.

local ops_table = require "ops_table"

local M = {}

-- Sections of a file: a list of { line =, title =, text = }, in order.
local function sections(path)
  local list, current, n = {}, nil, 0
  for line in io.lines(path) do
    n = n + 1
    local title = line:match "^%-%- (%u[^%-]-) %-%-%-%-+$"
    if title then
      current = { line = n, title = title, text = "" }
      list[#list + 1] = current
    elseif current and line:find "^%-%- " then
      current.text = current.text .. (current.text == "" and "" or " ") .. line:sub(4)
    else
      current = nil
    end
  end
  return list
end

local function section_at(list, line)
  local found = { title = "Other", text = "" }
  for _, section in ipairs(list) do
    if section.line <= line then found = section end
  end
  return found
end

-- The line of the file that is running, outside of its local functions.
local function current_line(path)
  local line = 0
  for level = 2, 12 do
    local info = debug.getinfo(level, "Sl")
    if not info then break end
    if info.source == "@" .. path then line = info.currentline end
  end
  return line
end

-- The section of each op: name -> section.
function M.op_sections()
  local by_name, lists = {}, {}
  ops_table.each(function(name, _, path)
    lists[path] = lists[path] or sections(path)
    by_name[name] = section_at(lists[path], current_line(path))
    return function() end
  end)
  return by_name
end

-- The entries of bindings/reference.lua in order, each with kind, name and section.
function M.load()
  local path = "bindings/reference.lua"
  local list, entries, env = sections(path), {}, setmetatable({}, { __index = _G })
  for _, kind in ipairs { "constructor", "field", "method", "index" } do
    env[kind] = function(name)
      local section = section_at(list, current_line(path))
      return function(entry)
        for _, needed in ipairs { "doc", "example" } do
          if not entry[needed] then error(("%s %s: '%s' is missing"):format(kind, name, needed)) end
        end
        entry.kind, entry.name, entry.section = kind, name, section
        entry.args, entry.options = entry.args or {}, entry.options or {}
        table.insert(entries, entry)
      end
    end
  end
  assert(loadfile(path, "t", env))()
  return entries
end

return M
