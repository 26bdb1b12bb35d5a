--- Losses that are made of ops: those whose arithmetic is a few passes over what the model gave. The others are ops
-- (nn/ops/losses.lua). All refuse shapes that would broadcast.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local options = require "moonlab.options"

local ops = core.ops
local losses = {}

local REDUCTION = { "reduction", { "mean", "sum", "none" }, "mean" }

local function shape_text(x) return "[" .. table.concat(x.shape, ", ") .. "]" end

local function check_tensor(where, name, x)
  if type(x) ~= "userdata" then blame.raise("%s: %s must be a tensor, got %s", where, name, blame.show(x)) end
end

local function same_sizes(a, b)
  if #a ~= #b then return false end
  for i, size in ipairs(a) do
    if b[i] ~= size then return false end
  end
  return true
end

local function check_same(where, name, x, other_name, other)
  check_tensor(where, name, x)
  check_tensor(where, other_name, other)
  if not same_sizes(x.shape, other.shape) then
    blame.raise("%s: %s and %s must have the same shape, got %s and %s", where, name, other_name, shape_text(x),
      shape_text(other))
  end
end

local function reduced(loss, how)
  if how == "mean" then return loss:mean() end
  if how == "sum" then return loss:sum() end
  return loss
end

-- Of a target that holds classes (from 1, 0: does not count) or, in x's own shape, what is to be (a mask, probabilities).
local function is_of_classes(where, x, target)
  check_tensor(where, "input", x)
  check_tensor(where, "target", target)
  local rows = x.shape
  if same_sizes(rows, target.shape) then return false end
  if #rows < 2 then
    blame.raise("%s: target must be %s as the input is, got %s", where, shape_text(x), shape_text(target))
  end
  table.remove(rows, 2)
  if not same_sizes(rows, target.shape) then
    blame.raise("%s: target must be [%s] (classes) or %s (a mask) for input %s, got %s", where, table.concat(rows, ", "),
      shape_text(x), shape_text(x), shape_text(target))
  end
  if not target.dtype:find "int" then
    blame.raise("%s: target %s for input %s must hold classes, integers from 1, got %s\n  hint: a mask has the shape of the input",
      where, shape_text(target), shape_text(x), target.dtype)
  end
  return true
end

-- The classes of a target as a mask in the shape of x: [B, ...] -> [B, C, ...]; nothing where the class is 0.
local function mask_of_classes(target, x)
  local mask, order = ops.one_hot(target, x:size(2)), { 1, x:dim() }
  for d = 2, target:dim() do order[#order + 1] = d end
  return mask:permute(order):to(x.dtype)
end

local read_dice = options("dice_loss",
  { { "probabilities", "boolean", false }, { "smooth", "number", 1 }, REDUCTION },
  "nn.dice_loss(logits, target, {smooth = 1})")

--- Soft Dice loss of masks, a number for each picture and class: 1 - (2 sum(p t) + smooth) / (sum(p) + sum(t) + smooth).
-- Milletari et al. 2016.
-- @param input   logits [B, C, ...]; the probabilities are their softmax over C where target holds classes, their
--                sigmoid where it is a mask of the same shape
-- @param target  classes [B, ...] from 1, 0 where nothing is known; or a mask [B, C, ...]
-- @param o       { probabilities = false (true: the input holds them already), smooth = 1, reduction = "mean" }
-- @return the mean over pictures and classes; with reduction = "none" [B, C]
-- @usage nn.dice_loss(model(batch.x), batch.y)
function losses.dice_loss(input, target, o)
  o = read_dice(o)
  local classes = is_of_classes("dice_loss", input, target)
  if input:dim() < 3 then
    blame.raise("dice_loss: the input must be [B, C, ...], a picture for each class, got %s", shape_text(input))
  end
  local p = o.probabilities and input or classes and input:softmax(2) or input:sigmoid()
  local t
  if classes then
    t = mask_of_classes(target, input)
    p = p * target:ne(0):unsqueeze(2):to(p.dtype)
  else
    t = target:to(p.dtype)
  end
  p, t = p:flatten(3), t:flatten(3)
  local share = ((p * t):sum(3) * 2 + o.smooth) / (p:sum(3) + t:sum(3) + o.smooth)
  return reduced(1 - share, o.reduction)
end

local read_soft = options("cross_entropy", { { "weight", "tensor" }, { "label_smoothing", "number", 0 }, REDUCTION },
  "nn.cross_entropy(logits, probabilities, {label_smoothing = 0.1})")

-- The op cross_entropy, which takes classes; probabilities of the logits' shape as well:
-- -sum_j w[j] y[j] log p[j] a row, its mean over rows, as PyTorch has it.
function losses.cross_entropy(logits, target, o)
  local soft = core.is_tensor(logits) and core.is_tensor(target) and target.dtype:find "float" and same_sizes(logits.shape, target.shape)
  if not soft or logits:dim() < 2 then return ops.cross_entropy(logits, target, o) end
  o = read_soft(o)
  local classes = logits:size(2)
  if o.label_smoothing > 0 then target = target * (1 - o.label_smoothing) + o.label_smoothing / classes end
  local each = target * ops.log_softmax(logits, 2)
  if o.weight then
    local shape = { 1, classes }
    for d = 3, logits:dim() do shape[d] = 1 end
    each = each * o.weight:reshape(shape)
  end
  return reduced(-each:sum(2), o.reduction)
end

local read_focal = options("focal_loss", { { "gamma", "number", 2 }, { "alpha", "any" }, REDUCTION },
  "nn.focal_loss(logits, target, {gamma = 2})")

local CERTAIN = 1e-30 -- what 1 - p is taken for at 0, where a root has no slope

local function focal_of_classes(logits, target, o)
  local alpha = o.alpha
  if alpha ~= nil and (type(alpha) ~= "userdata" or not same_sizes(alpha.shape, { logits:size(2) })) then
    blame.raise("focal_loss: alpha must be a tensor [%d], a weight for each class, got %s", logits:size(2),
      type(alpha) == "userdata" and shape_text(alpha) or blame.show(alpha))
  end
  local loss = ops.cross_entropy(logits, target, { reduction = "none" })
  if o.gamma > 0 then loss = loss * (-(-loss):expm1()):clamp(CERTAIN) ^ o.gamma end
  if alpha then
    local weight = alpha:index_select(1, target:reshape { -1 }:clamp(1)):reshape(target.shape)
    loss = loss * weight:to(loss.dtype)
  end
  if o.reduction == "mean" then return loss:sum() / target:ne(0):sum() end
  return reduced(loss, o.reduction)
end

local function focal_of_mask(logits, target, o)
  if o.alpha ~= nil and type(o.alpha) ~= "number" then
    blame.raise("focal_loss: alpha must be a number, the weight of what is positive, got %s", blame.show(o.alpha))
  end
  local t, p = target:to(logits.dtype), logits:sigmoid()
  local loss = ops.bce_with_logits(logits, t, { reduction = "none" })
  if o.gamma > 0 then loss = loss * (p + t - p * t * 2):clamp(CERTAIN) ^ o.gamma end
  if o.alpha then loss = loss * (t * o.alpha + (1 - t) * (1 - o.alpha)) end
  return reduced(loss, o.reduction)
end

--- Focal loss: cross-entropy times (1 - p)^gamma, p being the probability of what is true, so that what is right already
-- counts little. Lin et al. 2017.
-- @param logits  [B, C, ...] where target holds classes; any shape where it is a mask
-- @param target  classes [B, ...] from 1, 0 for none; or a mask (or probabilities) of the shape of logits
-- @param o       { gamma = 2, alpha = nil: a weight for each class, a tensor [C]; of a mask the number that weighs the
--                positive ones, 1 - alpha the others; reduction = "mean" (over the targets that count) }
-- @return a number, or with reduction = "none" one for each target
-- @usage nn.focal_loss(model(batch.x), batch.y, {gamma = 2})
function losses.focal_loss(logits, target, o)
  o = read_focal(o)
  if o.gamma < 0 then blame.raise("focal_loss: gamma must not be negative, got %s", o.gamma) end
  if is_of_classes("focal_loss", logits, target) then return focal_of_classes(logits, target, o) end
  return focal_of_mask(logits, target, o)
end

-- The p-norm of x over its last dimension.
local function length(x, p) return x:norm(-1, { p = p }) end

local read_triplet = options("triplet_margin_loss",
  { { "margin", "number", 1 }, { "p", "number", 2 }, { "eps", "number", 1e-6 }, { "swap", "boolean", false }, REDUCTION },
  "nn.triplet_margin_loss(anchor, positive, negative, {margin = 1})")

--- How much farther than a margin the positive one is from the anchor than the negative one:
-- max(0, |a - p| - |a - n| + margin). Schroff et al. 2015.
-- @param anchor, positive, negative  [..., D], of one shape
-- @param o  { margin = 1, p = 2 (of the norm), eps = 1e-6 (added to each difference), swap = false (true: the negative
--           one is measured from the anchor or the positive one, whichever is nearer), reduction = "mean" }
-- @usage nn.triplet_margin_loss(net(a), net(p), net(n), {margin = 0.5})
function losses.triplet_margin_loss(anchor, positive, negative, o)
  o = read_triplet(o)
  check_same("triplet_margin_loss", "anchor", anchor, "positive", positive)
  check_same("triplet_margin_loss", "anchor", anchor, "negative", negative)
  local near, far = length(anchor - positive + o.eps, o.p), length(anchor - negative + o.eps, o.p)
  if o.swap then far = ops.minimum(far, length(positive - negative + o.eps, o.p)) end
  return reduced((near - far + o.margin):relu(), o.reduction)
end

local read_similarity = options("cosine_similarity", { { "eps", "number", 1e-8 } },
  "nn.cosine_similarity(x, y, 2, {eps = 1e-8})")

--- The cosine of the angle between x and y: their product over `dim` divided by the product of their lengths, each at
-- least eps.
-- @param x, y  tensors whose shapes may broadcast
-- @param dim   the dimension that holds the vectors (default 2)
-- @param o     { eps = 1e-8 }
-- @usage nn.cosine_similarity(ml.tensor{{1.0, 0.0}}, ml.tensor{{1.0, 1.0}})   --> 0.7071
function losses.cosine_similarity(x, y, dim, o)
  o = read_similarity(o)
  check_tensor("cosine_similarity", "x", x)
  check_tensor("cosine_similarity", "y", y)
  dim = dim or 2
  if math.type(dim) ~= "integer" or dim == 0 or math.abs(dim) > math.max(x:dim(), y:dim()) then
    blame.raise("cosine_similarity: dim is %s, but x and y are %s and %s: name the dimension that holds the vectors, as in "
      .. "nn.cosine_similarity(x, y, -1)", blame.show(dim), shape_text(x), shape_text(y))
  end
  local function unit(v) return v:norm(dim, { keepdim = true }):clamp(o.eps) end
  return (x / unit(x) * (y / unit(y))):sum(dim)
end

local read_cosine = options("cosine_embedding_loss", { { "margin", "number", 0 }, REDUCTION },
  "nn.cosine_embedding_loss(a, b, target, {margin = 0})")

--- 1 - cos(a, b) for pairs that belong together (target 1), max(0, cos(a, b) - margin) for those that don't (-1); a pair whose
-- target is neither counts 0.
-- @param a, b    [B, D]
-- @param target  [B] of 1 and -1
-- @param o       { margin = 0, reduction = "mean" }
-- @usage nn.cosine_embedding_loss(net(x1), net(x2), ml.tensor{1.0, -1.0})
function losses.cosine_embedding_loss(a, b, target, o)
  o = read_cosine(o)
  check_same("cosine_embedding_loss", "a", a, "b", b)
  check_tensor("cosine_embedding_loss", "target", target)
  local rows = a.shape
  local width = table.remove(rows)
  if not width or not same_sizes(rows, target.shape) then
    blame.raise("cosine_embedding_loss: target must be %s without its last dimension, one of 1 and -1 a pair, got %s",
      shape_text(a), shape_text(target))
  end
  local cosine = losses.cosine_similarity(a, b, -1)
  local apart = ops.where(target:eq(-1), (cosine - o.margin):relu(), 0.0)
  return reduced(ops.where(target:eq(1), 1 - cosine, apart), o.reduction)
end

local read_ranking = options("margin_ranking_loss", { { "margin", "number", 0 }, REDUCTION },
  "nn.margin_ranking_loss(a, b, target, {margin = 0})")

--- max(0, -target (a - b) + margin): a is to be the larger where target is 1, b where it is -1.
-- @param a, b, target  tensors of one shape
-- @param o             { margin = 0, reduction = "mean" }
-- @usage nn.margin_ranking_loss(score(x1), score(x2), target)
function losses.margin_ranking_loss(a, b, target, o)
  o = read_ranking(o)
  check_same("margin_ranking_loss", "a", a, "b", b)
  check_same("margin_ranking_loss", "a", a, "target", target)
  return reduced((target * (b - a) + o.margin):relu(), o.reduction)
end

local read_hinge = options("hinge_loss", { { "margin", "number", 1 }, REDUCTION }, "nn.hinge_loss(x, target, {margin = 1})")

--- max(0, margin - target x): the loss of a support vector machine.
-- @param x, target  tensors of one shape; target of 1 and -1
-- @param o          { margin = 1, reduction = "mean" }
-- @usage nn.hinge_loss(ml.tensor{0.5, -2.0}, ml.tensor{1.0, -1.0})   --> 0.25
function losses.hinge_loss(x, target, o)
  o = read_hinge(o)
  check_same("hinge_loss", "x", x, "target", target)
  return reduced((o.margin - target * x):relu(), o.reduction)
end

local read_poisson = options("poisson_nll_loss",
  { { "log_input", "boolean", true }, { "full", "boolean", false }, { "eps", "number", 1e-8 }, REDUCTION },
  "nn.poisson_nll_loss(log_rate, target)")

-- Stirling's approximation of log(t!), of which the terms for t up to 1 are left out.
local function stirling(t)
  local above = t:gt(1)
  local safe = ops.where(above, t, 1.0)
  return ops.where(above, safe * safe:log() - safe + (safe * (2 * math.pi)):log() * 0.5, 0.0)
end

--- Negative log likelihood of counts under Poisson distributions, without the term that depends on the counts alone.
-- @param input   the logarithms of the rates
-- @param target  the counts, of the same shape
-- @param o       { log_input = true (false: the input holds the rates), full = false (true: Stirling's approximation of
--                log(target!) is added), eps = 1e-8 (inside of the logarithm of a rate), reduction = "mean" }
-- @usage nn.poisson_nll_loss(model(batch.x), batch.y)
function losses.poisson_nll_loss(input, target, o)
  o = read_poisson(o)
  check_same("poisson_nll_loss", "input", input, "target", target)
  local loss
  if o.log_input then
    loss = input:exp() - target * input
  else
    loss = input - target * (input + o.eps):log()
  end
  if o.full then loss = loss + stirling(target) end
  return reduced(loss, o.reduction)
end

local read_gaussian = options("gaussian_nll_loss",
  { { "full", "boolean", false }, { "eps", "number", 1e-6 }, REDUCTION }, "nn.gaussian_nll_loss(mean, target, variance)")

--- Negative log likelihood of target under normal distributions: (log(v) + (target - mean)^2 / v) / 2, v being the
-- variance, at least eps. Nix and Weigend 1994.
-- @param mean, target, variance  tensors of one shape
-- @param o  { full = false (true: log(2 pi) / 2 is added), eps = 1e-6, reduction = "mean" }
-- @usage nn.gaussian_nll_loss(mean, batch.y, log_variance:exp())
function losses.gaussian_nll_loss(mean, target, variance, o)
  o = read_gaussian(o)
  check_same("gaussian_nll_loss", "mean", mean, "target", target)
  check_same("gaussian_nll_loss", "mean", mean, "variance", variance)
  local v = variance + (variance:clamp(o.eps) - variance):detach()
  local loss = (v:log() + (mean - target):square() / v) * 0.5
  if o.full then loss = loss + 0.5 * math.log(2 * math.pi) end
  return reduced(loss, o.reduction)
end

return losses
