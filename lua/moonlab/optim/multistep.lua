--- The learning rate times gamma after each of some epochs.
-- @param o  { milestones = a list of epochs, ascending; gamma = 0.1, warmup = 0 epochs }
-- @usage ml.optim.multistep{milestones = {30, 60, 80}, gamma = 0.1}

local blame = require "moonlab.blame"

local function shape(o, progress)
  local factor = 1
  for _, epoch in ipairs(o.milestones) do
    if progress >= epoch then factor = factor * o.gamma end
  end
  return factor
end

local function check(o)
  if not o.milestones or #o.milestones == 0 then
    blame.raise "optim.multistep: milestones are needed: ml.optim.multistep{milestones = {30, 60}}"
  end
  for i, epoch in ipairs(o.milestones) do
    if type(epoch) ~= "number" or (i > 1 and epoch <= o.milestones[i - 1]) then
      blame.raise("optim.multistep: milestones must be ascending numbers, got %s at %d", blame.show(epoch), i)
    end
  end
end

return require "moonlab.optim.schedule"("multistep", { { "milestones", "table" }, { "gamma", "number", 0.1 } }, shape,
  check)
