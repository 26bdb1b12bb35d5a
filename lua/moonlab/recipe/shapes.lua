--- Whether model, loss and data fit together, found from shapes alone: nothing is read but the headers of the files.

local core = require "moonlab.core"
local failure = require "moonlab.failure"
local losses = require "moonlab.train.losses"
local prepare = require "moonlab.recipe.prepare"
local plan = require "moonlab.recipe.plan"
local tables = require "moonlab.recipe.tables"

local shapes = {}

local function text(sizes) return "[" .. table.concat(sizes, ", ") .. "]" end

-- The batch of rows that a model is looked at with: {1, 28, 28, batch = 128, data = false}.
local function input(peek, batch)
  local sizes = table.move(peek.x, 1, #peek.x, 1, {})
  sizes.dtype, sizes.batch, sizes.data = peek.x.dtype, batch, false
  return sizes
end

local ONE_SCORE = { bce_with_logits = true } -- losses that take one score a row

-- A loss that follows the shape of the outputs is told, and what its options can't be then.
local function follow(recipe, job, output)
  if not job.follows_shape or not losses.is_one_score(output) then return end
  for name in pairs(recipe.fields.train.loss_options) do
    plan.blame(recipe, { "train", "loss_options" }, "the model gives one score a row, whose loss is 'bce_with_logits'; it takes no '%s': write loss = "
      .. "\"bce_with_logits\", loss_options = { pos_weight = 3 } (the second class counts three times), or end the model with nn.Linear(2)", name)
  end
  job.loss_name, job.told = "bce_with_logits", "the model gives one score a row: the loss is bce_with_logits, and the score is that of the second class"
end

local function check_classes(recipe, job, output, peek)
  local task, binary = recipe.fields.task, recipe.fields.task == "binary"
  if task ~= "multiclass" and task ~= "multilabel" and not binary or not peek.classes then return end
  if binary and (type(recipe.fields.train.loss) == "function" or recipe.fields.train.step) then return end
  if task == "multilabel" then
    if peek.y and #peek.y ~= 1 then
      plan.blame(recipe, { "data", "source" }, "a row of y is %s; the task multilabel takes y [rows, labels] of 0 and 1", #peek.y == 0 and "one number" or text(peek.y))
    end
    if #output == 2 and output[2] == peek.classes then return end
    plan.blame(recipe, { "model" }, "the model gives %s for a batch, but the data has %d labels: the last layer must be nn.Linear(%d), a score for each label",
      text(output), peek.classes, peek.classes)
  end
  if ONE_SCORE[job.loss_name] then
    if #output > 2 or #output == 2 and output[2] ~= 1 then
      plan.blame(recipe, { "model" }, "the model gives %s for a batch; the loss '%s' takes one score a row: the last layer must be nn.Linear(1)",
        text(output), job.loss_name)
    end
    return
  end
  if #output ~= 2 then
    plan.blame(recipe, { "model" },
      "the model gives %s for a batch; classes need [B, %d]: put nn.Flatten() and nn.Linear(%d) at its end",
      text(output), peek.classes, peek.classes)
  end
  if output[2] ~= peek.classes then
    plan.blame(recipe, { "model" },
      "the model gives %d score%s a row, but the data has %d classes: the last layer must be nn.Linear(%d)%s",
      output[2], output[2] == 1 and "" or "s", peek.classes, peek.classes,
      binary and output[2] == 1 and ", or train.loss 'bce_with_logits'" or "")
  end
end

-- The loss on tensors without storage: it refuses shapes that do not fit.
local function check_loss(recipe, job, output, peek, batch)
  local sizes = { batch, table.unpack(peek.y or {}) }
  local y = core.shape_only(sizes, peek.y and peek.y.dtype or "int64")
  local ok, problem = pcall(job.loss, core.shape_only(output, "float32"), { y = y, count = batch })
  if not ok then plan.blame(recipe, { "train", "loss" }, "%s", failure.message_of(problem)) end
end

-- The patterns of parameter groups are names of the model's.
local function check_optimizer(recipe)
  local spec = recipe.fields.train.optimizer
  local ok, problem = pcall(spec.attach, spec, recipe.fields.model)
  if not ok then plan.blame(recipe, { "train", "optimizer" }, "%s", failure.message_of(problem)) end
end

-- Several models: their summaries as one.
local function summaries(recipe, peek, batch)
  local inputs = prepare.inputs(recipe, peek.x)
  local sum = { parameters = 0, trainable = 0, flops = 0, bytes = 0, activation_bytes = 0, batch = batch, texts = {}, layers = {} }
  for i, name in ipairs(recipe.fields.model.names) do
    local model = recipe.fields.model[name]
    local ok, one = pcall(model.summary, model, input({ x = inputs[name] }, batch))
    if not ok then plan.blame(recipe, { "model", name }, "%s", failure.message_of(one)) end
    for _, key in ipairs { "parameters", "trainable", "flops", "bytes", "activation_bytes" } do
      sum[key] = sum[key] + (one[key] or (key == "trainable" and one.parameters) or 0)
    end
    for _, layer in ipairs(one.layers) do
      layer.path = layer.path == "" and name or name .. "." .. layer.path
      sum.layers[#sum.layers + 1] = layer
    end
    sum.texts[i] = name .. "\n" .. tostring(one)
  end
  return setmetatable(sum, { __tostring = function(s) return table.concat(s.texts, "\n\n") end })
end

--- Runs the model over the shape of a batch.
-- @param recipe  the recipe
-- @param job     what plan.of gave
-- @param parts   what prepare.data gave, if it was called already
-- @return the model's summary (nil of a model that is solved), and what the source's peek gave; a loss that follows the outputs has its name in
--         the plan then, and job.told says so
-- @error a failure with the recipe's line: a layer, the number of classes or the loss does not fit
function shapes.check(recipe, job, parts)
  local fields = recipe.fields
  local tabular = tables(recipe)
  local peek, batch = tabular and tabular.peek(recipe, parts) or prepare.peek(recipe), fields.train.batch
  if not peek.x then
    plan.blame(recipe, { "data", "source" }, "the data set has no rows, so that its shape is not known")
  end
  if recipe.solved then return nil, peek end -- it takes what it is given
  if recipe.several then return summaries(recipe, peek, batch), peek end
  local ok, summary = pcall(fields.model.summary, fields.model, input(peek, batch))
  if not ok then
    if type(summary) ~= "string" then error(summary, 0) end
    failure.raise("error", "%s", summary)
  end
  check_optimizer(recipe)
  local output = summary.layers[1].output[1]
  if not output then plan.blame(recipe, { "model" }, "the model's forward returns no tensor") end
  follow(recipe, job, output)
  check_classes(recipe, job, output, peek)
  if job.loss and type(fields.train.loss) ~= "function" then check_loss(recipe, job, output, peek, batch) end
  return summary, peek
end

return shapes
