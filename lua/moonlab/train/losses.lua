-- Losses by the names that a recipe gives them, their options, and which of them suit a task. Each becomes
-- function(output, batch) -> 0-dim tensor, a mean, and optionally what the mean is over, where that is not the rows: pieces of
-- a batch (batch.in_pieces) are weighed by it.

local core = require "moonlab.core"
local ClassWeights = require "moonlab.train.class_weights"
local blame = require "moonlab.blame"
local options = require "moonlab.options"
local suggest = require "moonlab.suggest"

local ops = core.ops
local losses = {}

local SMOOTHING, WEIGHT = { "label_smoothing", "number", 0 }, { "weight", "any" }

local function of_op(name, ...)
  return { options = { ... }, f = function(output, batch, o) return ops[name](output, batch.y, o) end }
end

-- Those of nn/losses.lua, which is loaded when a recipe names one.
local function of_layer(name, ...)
  return { options = { ... }, f = function(output, batch, o) return require "moonlab.nn.losses"[name](output, batch.y, o) end }
end

-- Whether the targets are what there is of each class, as data.mixup makes them.
local function is_mixed(output, y) return y:dim() == output:dim() and y.dtype:find "float" ~= nil end

-- What the mean over targets is over: those that are not 0, or the sum of their weights.
local function counted(y, weight)
  local counts = y:ne(0)
  if not weight then return counts:sum():item() end
  return (weight:index_select(1, y:reshape { -1 }:clamp(1)) * counts:reshape { -1 }:to(weight.dtype)):sum():item()
end

local function cross_entropy(output, batch, o)
  local weight = o.weight and o.weight:tensor(output)
  local loss = require "moonlab.nn".cross_entropy(output, batch.y, { weight = weight, label_smoothing = o.label_smoothing })
  return loss, batch.in_pieces and not is_mixed(output, batch.y) and counted(batch.y, weight) or nil
end

local function nll(output, batch, o)
  local weight = o.weight and o.weight:tensor(output)
  return ops.nll_loss(output, batch.y, { weight = weight }), batch.in_pieces and counted(batch.y, weight)
end

-- Scores of the next symbol [B, T, C] against symbols [B, T]; 0 does not count.
local function next_symbol(output, batch, o)
  local loss = ops.cross_entropy(output:reshape { -1, output:size(-1) }, batch.y:reshape { -1 }, o)
  return loss, batch.in_pieces and counted(batch.y)
end

-- Of classes, or of masks in the shape of the output.
local function focal(output, batch, o)
  if is_mixed(output, batch.y) and output:dim() == 2 then
    blame.raise("the loss 'focal' has no classes that are mixed; data.mixup and data.cutmix go with 'cross_entropy'")
  end
  local masks, alpha = batch.y:dim() == output:dim(), o.weight and o.weight:tensor(output)
  if masks and alpha then
    blame.raise("the loss 'focal' of masks has no weight for each class; alpha, a number, weighs what is positive")
  end
  local loss = require "moonlab.nn.losses".focal_loss(output, batch.y, { gamma = o.gamma, alpha = alpha or o.alpha })
  return loss, batch.in_pieces and not masks and counted(batch.y) or nil
end

-- The direction of rows.
local function cosine(output, batch)
  local together = core.ones({ #output }, { dtype = output.dtype })
  return require "moonlab.nn.losses".cosine_embedding_loss(output, batch.y, together)
end

-- Logits [B, T, C] against classes [B, S] with 0 behind them; class 1 is the blank. Rows may have batch.lengths steps.
local function ctc(output, batch, o)
  return ops.ctc_loss(ops.log_softmax(output, -1), batch.y, batch.lengths, nil,
    { batch_first = true, zero_infinity = o.zero_infinity })
end

-- One logit a row, [B] or [B, 1], against classes 1 and 2, or against what there is of them, [B, 2]. A logit for each label, [B, L], against
-- 0 and 1.
local function bce_with_logits(output, batch, o)
  local y, pos_weight = batch.y, o.pos_weight
  if y:dim() == 2 and y:size(2) == 2 and output:numel() == #y then y = y:select(2, 2) end
  local are_labels = y:dim() == 2 and y:size(2) > 1 and output:dim() == 2
  if y.dtype == "int64" and not are_labels then y = y - 1 end
  if not y.dtype:find "^float" then y = y:to "float32" end
  if type(pos_weight) == "table" then pos_weight = core.tensor(pos_weight, { dtype = output.dtype }) end
  return ops.bce_with_logits(output, y:reshape(output.shape), { pos_weight = pos_weight })
end

-- Of two classes as many scores a row as the model gives: two, or one, that of the second class.
local function of_two_classes(output, batch, o)
  if losses.is_one_score(output.shape) then return bce_with_logits(output, batch, o) end
  return cross_entropy(output, batch, o)
end

local by_name = {
  next_symbol = { options = { SMOOTHING }, f = next_symbol },
  cross_entropy = { options = { WEIGHT, SMOOTHING }, f = cross_entropy },
  nll = { options = { WEIGHT }, f = nll },
  focal = { options = { { "gamma", "number", 2 }, { "alpha", "number" }, WEIGHT }, f = focal },
  dice = of_layer("dice_loss", { "smooth", "number", 1 }),
  mse = of_op "mse_loss",
  l1 = of_op "l1_loss",
  huber = of_op("huber_loss", { "delta", "number", 1 }),
  smooth_l1 = of_op("smooth_l1_loss", { "beta", "number", 1 }),
  poisson_nll = of_layer("poisson_nll_loss", { "log_input", "boolean", true }, { "full", "boolean", false }),
  -- The pinball loss: targets above the prediction count `quantile`, those below it 1 - quantile.
  quantile = { options = { { "quantile", "number", 0.5 } }, f = function(output, batch, o)
    local above = batch.y - output:reshape(batch.y.shape)
    return ops.maximum(above * o.quantile, above * (o.quantile - 1)):mean()
  end },
  -- Rows of log-probabilities against rows of probabilities.
  kl_div = { options = { { "log_target", "boolean", false } }, f = function(output, batch, o)
    return ops.kl_div(output, batch.y, { reduction = "batchmean", log_target = o.log_target })
  end },
  cosine = { options = {}, f = cosine },
  ctc = { options = { { "zero_infinity", "boolean", false } }, f = ctc },
  bce_with_logits = { options = { { "pos_weight", "any" } }, f = bce_with_logits },
}

local NAMES = { "cross_entropy", "next_symbol", "nll", "focal", "dice", "mse", "l1", "huber", "smooth_l1", "poisson_nll", "quantile", "kl_div",
  "cosine", "ctc", "bce_with_logits" }

local by_task = {
  multiclass = { "cross_entropy", "nll", "focal" },
  binary = { "cross_entropy", "nll", "bce_with_logits", "focal" },
  regression = { "mse", "l1", "huber", "smooth_l1", "poisson_nll", "quantile", "kl_div", "cosine" },
  multilabel = { "bce_with_logits", "focal" },
  segmentation = { "cross_entropy", "nll", "dice", "focal", "bce_with_logits" },
  generation = { "next_symbol", "mse", "l1", "bce_with_logits" },
  sequence = { "cross_entropy", "nll", "focal", "ctc" },
}

--- Whether an output of this shape is one score a row, which stands for the second of two classes.
function losses.is_one_score(shape) return #shape == 1 or #shape == 2 and shape[2] == 1 end

local function name_of(given, task)
  local legal = by_task[task] or NAMES
  local name = given or legal[1]
  if not by_name[name] then error(suggest.unknown("loss", name, legal), 0) end
  for _, one in ipairs(legal) do
    if one == name then return name end
  end
  error(("the loss '%s' does not suit the task '%s'; there are: %s"):format(name, task, table.concat(legal, ", ")), 0)
end

--- The loss of a recipe.
-- @param given  a name, a function(output, batch), or nil for the task's own
-- @param task   "multiclass", "regression", ...
-- @param o      options of the loss by name
-- @return the function, its name, its class weights (or nil), to be fitted to the labels of the training part, and whether the loss follows
--         the shape of the outputs: of a binary task without a loss one score a row is judged by bce_with_logits, two by cross_entropy
-- @error (as a plain message) an unknown name, a name that does not suit the task, an unknown option
function losses.of(given, task, o)
  o = o or {}
  if type(given) == "function" then
    if next(o) then error("loss_options belong to a loss by name; a function has its own", 0) end
    return given, "function"
  end
  local name = name_of(given, task)
  local loss = by_name[name]
  local read = options(("the loss '%s'"):format(name), loss.options)(o)
  if read.weight ~= nil then read.weight = ClassWeights.new("loss_options.weight", read.weight) end
  local follows = given == nil and task == "binary"
  local f = follows and of_two_classes or loss.f
  return function(output, batch) return f(output, batch, read) end, name, read.weight, follows
end

return losses
