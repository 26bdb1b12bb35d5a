-- Runs LuaUnit over the test files of this folder, or over those that are named; the rest is for LuaUnit (-v,
-- TestOptim):
--
--   build/moonlab tests/lua/run.lua [tests/lua/test_optim.lua ...] [-v] [TestClass.test_name ...]

package.path = package.path .. ";/usr/share/lua/5.4/?.lua;tests/lua/?.lua"

local files, rest = {}, {}
for _, argument in ipairs(arg) do table.insert(argument:find "%.lua$" and files or rest, argument) end
if #files == 0 then
  local listing = assert(io.popen "ls tests/lua/test_*.lua")
  for file in listing:lines() do files[#files + 1] = file end
  listing:close()
end

arg = rest -- LuaUnit reads it when it is loaded
local luaunit = require "luaunit"
for _, file in ipairs(files) do dofile(file) end

local runner = luaunit.LuaUnit.new()
local failed = runner:runSuite()
for _, node in ipairs(runner.result.allTests) do
  if node:isSkipped() then print(("skip %s: %s"):format(node.testName, node.msg or "")) end
end
print(("%d passed, %d failed"):format(runner.result.successCount, failed))
os.exit(failed == 0, true)
