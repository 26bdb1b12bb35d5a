--- A model on a data set: its outputs, from which every metric is made.

local core = require "moonlab.core"
local Result = require "moonlab.metrics.result"

local evaluation = {}

local BATCH, PICTURES = 256, 8 -- rows at once; of masks, which are large

--- What a model gave, as a loss takes it: its tensor, or the list of its tensors where there are several.
function evaluation.output(first, ...)
  if select("#", ...) == 0 then return first end
  return { first, ... }
end

--- What a model gives for a batch, as a loss takes it. Where rows have lengths, a model whose class says takes_lengths is called as
-- model(x, {lengths = ...}).
function evaluation.forward(model, batch)
  if batch.lengths and model.takes_lengths then return evaluation.output(model(batch.x, { lengths = batch.lengths })) end
  return evaluation.output(model(batch.x))
end

-- Batch by batch what the rows give; joined at the end.
local function gather()
  local outputs, targets = {}, {}
  local self = {}
  function self.add(output, y) outputs[#outputs + 1], targets[#targets + 1] = output, y end
  function self.join()
    if #outputs == 0 then return nil end
    return core.ops.cat(outputs, 1), core.ops.cat(targets, 1)
  end
  return self
end

local function one_number_a_row(x) return x:dim() == 2 and x:size(2) == 1 and x:reshape { -1 } or x end

-- Counts the pixels of masks [B, ...] whose class is not 0, by what [B, C, ...] takes them for.
-- @param counted  { rows =, sum = a matrix, not_a_number = what is said of the first output that is none, pictures = where they are wanted the
--                 matrix of each }
local function count_pixels(counted, output, actual)
  local predicted, pictures = output:argmax(2):flatten(2), counted.pictures
  local row = not counted.not_a_number and Result.first(output:isnan())
  if row then counted.not_a_number = ("the output of picture %d is NaN"):format(counted.rows + row) end
  actual = actual:flatten(2)
  local function count(said, came)
    local here = Result.count("evaluate", said:reshape { -1 }:contiguous(), came:reshape { -1 }:contiguous(), nil, output:size(2), true)
    counted.sum = counted.sum and counted.sum + here or here
    return here
  end
  if not pictures then count(predicted, actual) end
  for i = 1, pictures and #actual or 0 do pictures[#pictures + 1] = count(predicted:select(1, i), actual:select(1, i)):tolist() end
  counted.rows = counted.rows + #actual
end

-- Where outputs stand for numbers by a link (the logarithm of a count), the function that gives the numbers.
local function link_of(model, options)
  if options.mean then return options.mean end
  return type(model) == "table" and model.mean_of and function(out) return model:mean_of(out) end or function(out) return out end
end

-- What a batch is asked for: "labels", "classes", "pixels", "values", or nil.
local function kind_of(output, y, count, options)
  if not core.is_tensor(output) or not y or output:dim() == 0 then return nil end
  if options.labels and y:dim() == 2 and output:dim() == 2 and output:numel() == y:numel() then return "labels" end
  if options.classes ~= false and y.dtype == "int64" and y:dim() == 1 and output:size(1) == count and output:dim() <= 2 then return "classes" end
  if options.pixels and y.dtype == "int64" and output:dim() == y:dim() + 1 then return "pixels" end
  if options.values and output:numel() == y:numel() then return "values" end
end

-- f() in evaluation mode and without a graph; the mode is restored.
local function apart(model, f)
  local was_training, graph = model.training, core.set_grad_enabled(false)
  local ok, problem = pcall(function()
    model:eval()
    f()
  end)
  core.set_grad_enabled(graph)
  if was_training ~= false then model:train() end
  if not ok then error(problem, 0) end
end

local function classes_of(set, output, y, options)
  local classes = options.classes or set.classes and #set.classes
  if output:dim() == 2 and output:size(2) > 1 then return math.max(classes or 0, output:size(2)) end
  return math.max(classes or 2, y:max():item())
end

--- Runs a model over a data set, in batches, without a graph and in evaluation mode; its mode is restored.
-- @param model    a module
-- @param set      a data set
-- @param options  { loss = function(output, batch) -> tensor, the mean over the batch, and what it is over, if not the rows;
--                 batch = 256; classes = how many, or false where y are not what is asked for; pixels = true where y are masks of classes;
--                 values = true where y are numbers that are asked for; mean = function(output) -> those numbers, where outputs stand for them by a link; labels = true where y are 0 and 1 for each label;
--                 pictures = true where the matrix of each mask is wanted as well;
--                 workers = of batches; each = function() }
-- @return { rows =, loss = mean over rows (or over what counts in them: batch.over), output = float64, all rows; y = int64 classes or float64
--         numbers, or labels = int64 0 and 1; matrix =, classes = how many, pictures = the matrix of each mask }: what metrics.of and ml.assess
--         take; all but rows and loss only where y are what is asked for
-- @usage ml.metrics.of("f1_macro", ml.metrics.evaluate(model, set))
function evaluation.evaluate(model, set, options)
  options = options or {}
  local rows, loss_sum, weights, counted, kind = 0, 0, 0, { rows = 0, pictures = options.pictures and {} or nil }, nil
  local all, mean = gather(), link_of(model, options)
  local function add_loss(output, batch)
    batch.in_pieces = true
    local loss, over = options.loss(output, batch)
    local weight = over or batch.over or batch.count
    if weight > 0 then loss_sum, weights = loss_sum + loss:item() * weight, weights + weight end -- else it is the mean over nothing
  end
  apart(model, function()
    for batch in set:batches { size = options.batch or (options.pixels and PICTURES or BATCH), pass = 0, workers = options.workers } do
      local output, y = evaluation.forward(model, batch), batch.y
      if options.loss then add_loss(output, batch) end
      local here = kind_of(output, y, batch.count, options)
      kind = kind or here
      if here == "classes" then all.add(output:double(), y)
      elseif here == "values" then all.add(one_number_a_row(mean(output:double()):reshape(y.shape)), one_number_a_row(y:double()))
      elseif here == "labels" then all.add(output:double(), Result.labels_of("evaluate", "y", y))
      elseif here == "pixels" then count_pixels(counted, output, y)
      end
      rows = rows + batch.count
      if options.each then options.each() end
    end
  end)
  local result = { rows = rows, loss = options.loss and weights > 0 and loss_sum / weights or nil }
  if kind == "pixels" then result.matrix, result.pictures, result.not_a_number = counted.sum:tolist(), counted.pictures, counted.not_a_number end
  result.output, result.y = all.join()
  if kind == "labels" then result.labels, result.y = result.y, nil end
  if kind == "classes" then
    result.classes = classes_of(set, result.output, result.y, options)
    Result.matrix(result)
  end
  return result
end

return evaluation
