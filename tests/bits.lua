-- The promise of bits: the same weights after 200 steps of each workload (tests/bench/workloads.lua), whatever the threads
-- and whether the kernels are those for AVX2 or for AVX-512.
--   build/moonlab tests/bits.lua [NAME...] [--steps N]

package.path = package.path .. ";tests/bench/?.lua"
local _, isa = require "moonlab.core".backend()

local names, steps = {}, 200
for i = 1, #arg do
  if arg[i] == "--steps" then steps = arg[i + 1] elseif arg[i - 1] ~= "--steps" then names[#names + 1] = arg[i] end
end
if #names == 0 then
  for name in pairs(require "workloads") do names[#names + 1] = name end
  table.sort(names)
end

-- What the weights are with these threads and kernels: their SHA-256.
local function digest(name, threads, kernels)
  local command = ("MOONLAB_ISA=%s %s tests/bench/train.lua %s --steps %s --threads %d --digest 1"):format(kernels, arg[-1], name, steps, threads)
  local pipe = assert(io.popen(command))
  local text = pipe:read "a"
  pipe:close()
  return text:match "^%x+\n$" or "no digest: " .. text
end

-- The machine's best kernels come first; the others are compared with them. The baseline rounds twice where fused kernels
-- round once: its bits are its own, but they don't depend on threads either.
local settings = { { 2, isa }, { 1, isa }, { 7, isa } }
if isa == "avx512" then settings[#settings + 1] = { 2, "avx2" } end

local passed, failed = 0, 0
for _, name in ipairs(names) do
  local expected
  for _, setting in ipairs(settings) do
    local threads, kernels = setting[1], setting[2]
    local found = digest(name, threads, kernels)
    expected = expected or found
    if found == expected and not found:find "no digest" then
      passed = passed + 1
    else
      failed = failed + 1
      print(("FAIL %s with %d threads and %s kernels: %s instead of %s"):format(name, threads, kernels, found, expected))
    end
  end
end
print(("%d passed, %d failed"):format(passed, failed))
os.exit(failed == 0, true)
