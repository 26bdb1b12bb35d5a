-- What print(model) shows: each module under its path, with the shapes of its own parameters.

local tree = require "moonlab.nn.tree"

local function shape_text(tensor)
  if tensor:is_slot() then return "?" end
  return "[" .. table.concat(tensor.shape, ", ") .. "]"
end

-- "weight [128, 784]  bias [128]"
local function own_parameters(module)
  local parts = {}
  for _, field in ipairs(tree.fields(module)) do
    if field.kind == "parameter" then parts[#parts + 1] = field.key .. " " .. shape_text(field.value) end
  end
  return table.concat(parts, "  ")
end

local function count(module)
  local n = 0
  for _, entry in ipairs(tree.tensors(module, "parameter")) do
    if entry.tensor:is_slot() then return "not built yet" end
    n = n + entry.tensor:numel()
  end
  return n .. " parameters"
end

--- The outline of a module.
-- @param module  an instance
-- @return a string without a newline at its end
return function(module)
  local rows, widest = {}, 0
  for _, entry in ipairs(tree.walk(module)) do
    if entry.kind == "module" then
      local label = ("  "):rep(entry.depth) .. entry.key .. " " .. entry.value._name .. (entry.again and " (again)" or "")
      rows[#rows + 1] = { label = label, text = entry.again and "" or own_parameters(entry.value) }
      if rows[#rows].text ~= "" then widest = math.max(widest, #label) end
    end
  end
  local own = own_parameters(module)
  local lines = { ("%s, %s%s"):format(module._name, count(module), own ~= "" and ": " .. own or "") }
  for _, row in ipairs(rows) do
    lines[#lines + 1] = row.text == "" and row.label or row.label .. (" "):rep(widest - #row.label) .. "  " .. row.text
  end
  return table.concat(lines, "\n")
end
