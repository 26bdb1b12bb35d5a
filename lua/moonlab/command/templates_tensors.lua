--- What `moonlab new` writes for tasks whose rows are no line of a table: recipes that make data for themselves, with a word on where one's own go.

local templates = {}

-- %NAME% stands for the recipe's name.
local function text_of(text, name) return (text:gsub("%%NAME%%", function() return name end)) end

local MULTILABEL = [[
-- moonlab run %NAME%.lua, moonlab cv %NAME%.lua
local ml = require "moonlab"
local nn, data = ml.nn, ml.data

-- Rows that are made here: six measurements, from which any number of three faults follows. Change: tensors of your own, x [rows, measurements]
-- and y [rows, labels] of 0 and 1; columns of a file become such by data.csv("rows.csv"):table():tensor { "a", "b" }.
local n = 600
ml.manual_seed(4)
local x = ml.randn(n, 6)
local y = (x:slice(2, 1, 3) + x:slice(2, 4, 6) + ml.randn(n, 3) * 0.5):gt(0.5):to "float32"

return ml.recipe {
  name = "%NAME%",
  task = "multilabel",
  seed = 1,
  problem = { ask = "Which faults does a machine have?", accept = { f1_macro = 0.75 } },
  data    = { source = data.tensors { x = x, y = y, classes = { "leak", "noise", "heat" } } },   -- change: the labels' names
  split   = { valid = 0.2, test = 0.2 },
  model   = nn.Sequential { nn.Linear(32), nn.ReLU(), nn.Linear(3) },   -- a score for each label; above 0 it is there
  train   = { batch = 32, epochs = 20, patience = 5, optimizer = ml.optim.adamw { lr = 1e-2 } },
  assess  = { metrics = { "f1_macro", "subset_accuracy", "hamming_loss", "auc_macro" } },
}
]]

--- Rows with any number of labels.
function templates.multilabel(name) return text_of(MULTILABEL, name) end

-- Squares in noise, which several templates look for.
local SQUARES = [[
local n, side = 200, 16
ml.manual_seed(2)
local x, squares = ml.rand(n, 1, side, side) * 0.5, {}
for i = 1, n do
  local size = 4 + i % 4
  local left, top = 1 + (i * 7) % (side - size), 1 + (i * 11) % (side - size)
  squares[i] = { left, top, left + size - 1, top + size - 1 }                 -- x1, y1, x2, y2: pixels from 1, both ends inside
  x[{ i, 1, { top, top + size - 1 }, { left, left + size - 1 } }] = 0.9
end
]]

local SEGMENTATION = [[
-- moonlab run %NAME%.lua
local ml = require "moonlab"
local nn, data = ml.nn, ml.data

-- Pictures that are made here: a bright square in noise, and the class of each pixel. Change: pictures and their masks in two folders,
--   source = data.masks { images = "pictures", masks = "masks", values = { 0, 255 }, classes = { "ground", "square" } }
-- and leave these lines out.
]] .. SQUARES .. [[
local y = ml.ones({ n, side, side }, { dtype = "int64" })
for i, box in ipairs(squares) do y[{ i, { box[2], box[4] }, { box[1], box[3] } }] = 2 end

return ml.recipe {
  name = "%NAME%",
  task = "segmentation",
  seed = 1,
  problem = { ask = "Which pixels are of the square?", accept = { mean_iou = 0.8 } },
  data    = { source = data.tensors { x = x, y = y, classes = { "ground", "square" } } },
  split   = { valid = 0.2, test = 0.2 },
  model   = nn.Sequential { nn.Conv2d(8, 3, { padding = "same" }), nn.ReLU(), nn.Conv2d(8, 3, { padding = "same" }), nn.ReLU(), nn.Conv2d(2, 1) },  -- a score a class for each pixel
  train   = { batch = 8, epochs = 12, patience = 6, optimizer = ml.optim.adamw { lr = 2e-2 } },
  assess  = { metrics = { "mean_iou", "accuracy", "dice" } },
}
]]

--- Pictures whose pixels have a class each.
function templates.segmentation(name) return text_of(SEGMENTATION, name) end

local DETECTION = [[
-- moonlab run %NAME%.lua
local ml = require "moonlab"
local nn, data = ml.nn, ml.data

-- Pictures that are made here: a bright square in noise, and the box around it. Change: pictures with boxes in the form of VOC or COCO,
--   source = data.voc("folder", { size = { 240, 320 } })
-- whose batches have x, boxes, labels and box_counts, for any number of boxes a picture; recipes/cells.lua shows a detector for these.
]] .. SQUARES .. [[

-- How the outputs stand for a box is the recipe's own: here four numbers, in parts of the picture.
local function boxes_of(output) return output * side end
local function loss(output, batch) return nn.smooth_l1_loss(boxes_of(output), batch.boxes, { beta = 1 }) / side end

-- The scores of the held-out pictures: how much of the boxes overlaps, and average precision.
local function score(model, set)
  local found, actual, sum = {}, {}, 0
  for batch in set:batches { size = 50, pass = 0 } do
    local said, came = boxes_of(model(batch.x)):tolist(), batch.boxes:tolist()
    for i, box in ipairs(said) do
      local one = { math.min(box[1], box[3]), math.min(box[2], box[4]), math.max(box[1], box[3]), math.max(box[2], box[4]) }
      found[#found + 1], actual[#actual + 1] = { boxes = { one }, labels = { 1 }, scores = { 1 } }, { boxes = { came[i] }, labels = { 1 } }
      sum = sum + ml.metrics.box_iou(one, came[i])
    end
  end
  return { overlap = sum / #found, map50 = ml.metrics.mean_average_precision(found, actual, { classes = 1, rule = "voc" }).mean }
end

return ml.recipe {
  name = "%NAME%",
  task = "detection",
  seed = 1,
  problem = { ask = "Where is the square?", accept = { overlap = 0.5 } },
  data    = { source = data.tensors { x = x, boxes = ml.tensor(squares, { dtype = "float32" }) } },
  split   = { valid = 0.2, test = 0.2 },
  model   = nn.Sequential { nn.Conv2d(8, 3, { padding = "same" }), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64), nn.ReLU(), nn.Linear(4) },
  train   = { loss = loss, batch = 16, epochs = 20, optimizer = ml.optim.adamw { lr = 3e-3 } },
  assess  = { score = score },
}
]]

--- Pictures in which something is to be found.
function templates.detection(name) return text_of(DETECTION, name) end

local SEQUENCE = [[
-- moonlab run %NAME%.lua
local ml = require "moonlab"
local nn, data = ml.nn, ml.data

-- Sequences that are made here, of 8 to 20 symbols; each step has a class: whether it lies between an opening symbol (1) and the next closing
-- one (2). Change: lists of your own, x of ids (or of tensors [steps, features]) and y of classes from 1, as many as there are steps.
local x, y = {}, {}
ml.manual_seed(6)
local draw = ml.randint(1, 5, { 300, 20 }):tolist()
for i = 1, 300 do
  x[i], y[i] = {}, {}
  local within = false
  for t = 1, 8 + i % 13 do
    local symbol = draw[i][t]
    x[i][t], within = symbol, symbol == 1 or within and symbol ~= 2
    y[i][t] = within and 2 or 1
  end
end

-- A model that reads from the left; its output is [rows, classes, steps]. The 0 that sequences are filled up with counts for nothing.
local Reader = nn.Module:extend "Reader"
function Reader:init() self.table, self.read, self.out = nn.Embedding(5, 8), nn.GRU(16), nn.Linear(2) end
function Reader:forward(ids) return self.out((self.read(self.table(ids:clamp(1))))):transpose(2, 3) end

return ml.recipe {
  name = "%NAME%",
  task = "sequence",
  seed = 1,
  problem = { ask = "Which steps lie within?", accept = { accuracy = 0.9 } },
  data    = { source = data.sequences { x = x, y = y, classes = { "outside", "within" } } },
  split   = { valid = 0.2, test = 0.2 },
  model   = Reader(),
  train   = { batch = 20, epochs = 8, patience = 3, optimizer = ml.optim.adamw { lr = 1e-2 } },
  assess  = { metrics = { "accuracy", "f1" } },
}
]]

--- Sequences whose steps have a class each.
function templates.sequence(name) return text_of(SEQUENCE, name) end

local GENERATION = [[
-- moonlab run %NAME%.lua; what the model writes at the end is in sample.txt of the run folder.
local ml = require "moonlab"
local nn, data = ml.nn, ml.data

local text = data.text("%NAME%.txt", { context = 24 })   -- change: your text; 24 symbols are seen at once

return ml.recipe {
  name = "%NAME%",
  task = "generation",
  seed = 1,
  problem = { ask = "What comes next?", accept = { perplexity = 2.5 } },   -- as uncertain as between so many symbols
  data    = { source = text },
  split   = { valid = 0.1, test = 0.1 },          -- by position: the end of the text is held out
  model   = nn.Sequential { nn.Embedding(text:symbols(), 24), nn.LearnedPosition(24),
                            nn.TransformerEncoderLayer(4, { causal = true, norm_first = true }), nn.LayerNorm(), nn.Linear(text:symbols()) },
  train   = {
    batch = 32, steps = 200, eval_every = 50, optimizer = ml.optim.adamw { lr = 5e-3 },
    finish = function(run)
      local ids = run.model:generate { prompt = text:encode "the ", tokens = 200, temperature = 0.7, seed = 1 }
      run:write("sample.txt", text:decode(ids))
    end,
  },
}
]]

local WORDS = { "cat", "dog", "bird", "fish" }
local DOES = { "sees", "hears", "likes", "finds" }

--- A text to go on with; behind the recipe the text that it reads, and the ending of its file.
function templates.generation(name)
  local lines = {}
  for i = 1, 120 do lines[i] = ("the %s %s the %s."):format(WORDS[i * 7 % 4 + 1], DOES[(i * 5 + i // 4) % 4 + 1], WORDS[(i * 3 + i // 3) % 4 + 1]) end
  return text_of(GENERATION, name), table.concat(lines, "\n") .. "\n", "txt"
end

return templates
