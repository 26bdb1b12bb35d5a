-- Losses by the names that a recipe gives them, and which of them suit a task. Each is function(output, batch) -> 0-dim
-- tensor, a mean, and optionally what the mean is over, where that is not the rows (opt:accumulate weighs pieces by it).

local core = require "moonlab.core"
local suggest = require "moonlab.suggest"

local losses = {}

local function of_op(name)
  return function(output, batch) return core.ops[name](output, batch.y) end
end

-- A mean over the targets that count: those that are not 0.
local function of_classes(name)
  return function(output, batch)
    local loss = core.ops[name](output, batch.y)
    return loss, batch.in_pieces and batch.y:ne(0):sum():item()
  end
end

-- Those of nn/losses.lua, which is loaded when a recipe names one.
local function of_layer(name)
  return function(output, batch) return require "moonlab.nn.losses"[name](output, batch.y) end
end

-- Scores of the next symbol [B, T, C] against symbols [B, T]; 0 does not count.
local function next_symbol(output, batch)
  local loss = core.ops.cross_entropy(output:reshape { -1, output:size(-1) }, batch.y:reshape { -1 })
  return loss, batch.in_pieces and batch.y:ne(0):sum():item()
end

local by_name = {
  next_symbol = next_symbol,
  cross_entropy = of_classes "cross_entropy",
  nll = of_classes "nll_loss",
  focal = function(output, batch)
    local loss = require "moonlab.nn.losses".focal_loss(output, batch.y)
    local masks = batch.y:dim() == output:dim()
    return loss, batch.in_pieces and not masks and batch.y:ne(0):sum():item() or nil
  end,
  dice = of_layer "dice_loss",
  mse = of_op "mse_loss",
  l1 = of_op "l1_loss",
  huber = of_op "huber_loss",
  smooth_l1 = of_op "smooth_l1_loss",
  poisson_nll = of_layer "poisson_nll_loss",
  -- Rows of log-probabilities against rows of probabilities.
  kl_div = function(output, batch) return core.ops.kl_div(output, batch.y, { reduction = "batchmean" }) end,
  -- The direction of rows.
  cosine = function(output, batch)
    local together = core.ones({ #output }, { dtype = output.dtype })
    return require "moonlab.nn.losses".cosine_embedding_loss(output, batch.y, together)
  end,
  -- Logits [B, T, C] against classes [B, S] with 0 behind them; class 1 is the blank. Rows may have batch.lengths steps.
  ctc = function(output, batch)
    return core.ops.ctc_loss(core.ops.log_softmax(output, -1), batch.y, batch.lengths, nil, { batch_first = true })
  end,
  -- One logit a row, [B] or [B, 1], against classes 1 and 2.
  bce_with_logits = function(output, batch)
    local y = batch.y
    if y.dtype == "int64" then y = (y - 1):to "float32" end
    return core.ops.bce_with_logits(output, y:reshape(output.shape))
  end,
}

local NAMES = { "cross_entropy", "next_symbol", "nll", "focal", "dice", "mse", "l1", "huber", "smooth_l1", "poisson_nll", "kl_div",
  "cosine", "ctc", "bce_with_logits" }

local by_task = {
  multiclass = { "cross_entropy", "nll", "focal" },
  binary = { "cross_entropy", "nll", "bce_with_logits", "focal" },
  regression = { "mse", "l1", "huber", "smooth_l1", "poisson_nll", "kl_div", "cosine" },
  multilabel = { "bce_with_logits", "focal" },
  segmentation = { "cross_entropy", "nll", "dice", "focal", "bce_with_logits" },
  generation = { "next_symbol", "mse", "l1", "bce_with_logits" },
  sequence = { "cross_entropy", "nll", "focal", "ctc" },
}

--- The loss of a recipe.
-- @param given  a name, a function(output, batch), or nil for the task's own
-- @param task   "multiclass", "regression", ...
-- @return the function, and its name
-- @error (as a plain message) an unknown name, a name that does not suit the task
function losses.of(given, task)
  if type(given) == "function" then return given, "function" end
  local legal = by_task[task] or NAMES
  local name = given or legal[1]
  if not by_name[name] then error(suggest.unknown("loss", name, legal), 0) end
  for _, one in ipairs(legal) do
    if one == name then return by_name[name], name end
  end
  error(("the loss '%s' does not suit the task '%s'; there are: %s"):format(name, task, table.concat(legal, ", ")), 0)
end

return losses
