-- How much memory decoded pictures may take.

local vm = require "moonlab.vm"

local memory = {}

--- A quarter of the machine's memory; 1 GB where it is not known.
function memory.quarter()
  local text = vm.read "/proc/meminfo"
  local kilobytes = text and text:match "MemTotal:%s*(%d+)"
  return kilobytes and tonumber(kilobytes) * 1024 // 4 or 1 << 30
end

return memory
