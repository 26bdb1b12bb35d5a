--- What `moonlab new` writes: for each task a recipe that runs as it is, on rows that are made for it.

local templates = {}

--- The tasks, as --task takes them; pictures, series and text stand for a multiclass, a regression and a binary task over these.
templates.names = { "binary", "multiclass", "regression", "multilabel", "segmentation", "detection", "sequence", "generation", "pictures", "series", "text" }
for name, template in pairs(require "moonlab.command.templates_tensors") do templates[name] = template end

-- Numbers from 0 to 1 that are the same everywhere.
local function numbers(seed)
  local state = seed
  return function()
    state = (state * 1103515245 + 12345) & 0x7fffffff
    return state / 0x80000000
  end
end

local function csv(lines) return table.concat(lines, "\n") .. "\n" end

local PLANS = { "basic", "plus", "pro" }

-- Customers: how old, on which plan, how long, what they spend.
local function customers(head, last)
  local draw, lines = numbers(7), { "id,age,plan,months," .. head }
  for i = 1, 300 do
    local age, plan, months = 18 + draw() * 62 // 1, 1 + (draw() * 3 // 1), 1 + draw() * 48 // 1
    lines[i + 1] = ("c%03d,%s,%s,%d,%s"):format(i, i % 29 == 0 and "" or ("%d"):format(age), PLANS[plan // 1 | 0], months, last(age, plan, months, draw() + draw() + draw() - 1.5))
  end
  return csv(lines)
end

local ROWS = [[
local ml = require "moonlab"
local data, features = ml.data, ml.features

return ml.recipe {
  name = "%s",
  task = "%s",
  seed = 1,                                       -- the root of all that is random

  -- The question, and what would count as an answer: a miss ends with exit status 3. See ml.metrics for the names.
  problem = { ask = "%s", accept = { %s } },

  data = {
    source = data.csv "%s.csv",                   -- change: your file; also data.jsonl, data.parquet, data.sqlite
    target = "%s",                                -- change: the column that is asked for
%s    id = "id",                                    -- a column that names the rows and is never a feature; or leave it out
    columns = {                                   -- what columns must be; those that are not named are taken as they are
      age  = data.number { min = 18, max = 120, missing = "median" },
      plan = data.category { "basic", "plus", "pro" },
    },
    clean = { duplicates = "drop", invalid = "quarantine" },
  },
  split    = { test = 0.2%s },                    -- held out: it is looked at once, at the end
  features = { features.standardize(), features.one_hot() },   -- fitted to the training part alone
  model    = %s
  assess   = { cv = ml.kfold(5), metrics = { %s } },   -- for moonlab cv
}
]]

local function of_rows(task, ask, accept, target, positive, stratify, model, metrics, head, last)
  return function(name)
    return ("-- moonlab run %s.lua, moonlab cv %s.lua, moonlab search %s.lua; moonlab data %s.lua shows the rows.\n"):format(name, name, name, name)
      .. ROWS:format(name, task, ask, accept, name, target, positive, stratify, model, metrics), customers(head, last)
  end
end

templates.binary = of_rows("binary", "Which customers leave?", "auc = 0.75", "left", '    positive = "yes",                             -- which of its two values is the second class\n',
  ", stratify = true", "ml.logistic { C = ml.grid { 1, 0.1, 10 } },   -- the first is taken; moonlab search tries all. Or a network: nn.Sequential { nn.Linear(16), nn.ReLU(), nn.Linear(1) } and train = {...}",
  '"auc", "f1", "accuracy"', "left", function(age, plan, months, noise) return 40 - age / 2 - 4 * plan - months / 2 + 30 * noise > 0 and "yes" or "no" end)

templates.multiclass = of_rows("multiclass", "How satisfied is a customer?", "accuracy = 0.6", "mood", "", ", stratify = true",
  "ml.logistic { C = ml.grid { 1, 0.1, 10 } },   -- the first is taken; moonlab search tries all. Or ml.knn, ml.naive_bayes, or a network: nn.Sequential{...} and train = {...}", '"accuracy", "f1_macro"', "mood",
  function(age, plan, months, noise)
    local mood = age / 30 + plan / 2 + months / 24 + noise
    return mood < 2.6 and "low" or mood < 4 and "middle" or "high"
  end)

templates.regression = of_rows("regression", "What will a customer spend?", "r2 = 0.7", "spend", "", "",
  "ml.ridge { alpha = ml.grid { 1, 0.1, 10 } },  -- the first is taken; moonlab search tries all. Or ml.lasso, ml.elastic_net, ml.knn, or a network with train = {...}", '"rmse", "mae", "r2"', "spend",
  function(age, plan, months, noise) return ("%.2f"):format(10 + age / 2 + 15 * plan + months / 4 + 8 * noise) end)

function templates.pictures(name)
  return ([[
-- moonlab run %s.lua
local ml = require "moonlab"
local nn, data = ml.nn, ml.data

-- Pictures that are made here: a bright bar, upright or level, in noise. Change: a folder with a folder of pictures for each class,
--   source = data.folder("pictures", { size = { 32, 32 } })
-- (moonlab help data shows what else there is), and leave these lines out.
local n = 300
local y = ml.arange(1, n):remainder(2) + 1
local noise = ml.rand(n, 1, 12, 12) * 0.6
local at = ml.arange(1, 12):eq(6):to "float32" * 0.6
local upright, level = at:reshape { 1, 1, 1, 12 }, at:reshape { 1, 1, 12, 1 }
local is_level = y:eq(2):to "float32":reshape { n, 1, 1, 1 }
local x = noise + upright * (1 - is_level) + level * is_level

return ml.recipe {
  name = "%s",
  task = "multiclass",
  seed = 1,
  problem = { ask = "Does the bar stand or lie?", accept = { accuracy = 0.9 } },
  data    = { source = data.tensors { x = x, y = y, classes = { "upright", "level" } } },
  split   = { valid = 0.2, test = 0.2, stratify = true },   -- valid chooses the best epoch, test is looked at once
  -- augment = { data.shift(2), data.flip() },              -- of training pictures only; not for tensors
  model   = nn.Sequential { nn.Conv2d(8, 3, { padding = "same" }), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(32), nn.ReLU(), nn.Linear(2) },
  train   = { batch = 20, epochs = 8, patience = 3, optimizer = ml.optim.adamw { lr = 5e-3 } },
  assess  = { metrics = { "accuracy", "f1_macro" } },
}
]]):format(name, name)
end

function templates.series(name)
  local draw, lines = numbers(3), { "hour,load" }
  for i = 1, 600 do lines[i + 1] = ("%d,%.3f"):format(i, 10 + 4 * math.sin(i * math.pi / 12) + i / 200 + draw()) end
  return ([[
-- moonlab run %s.lua; moonlab predict runs/%s-1 %s.csv says what comes after the last row.
local ml = require "moonlab"
local nn, data = ml.nn, ml.data

-- One linear layer from the rows that were seen to those that are to be said, the same for each column. Change: a model of your own.
local Ahead = nn.Module:extend "Ahead"
function Ahead:init(output) self.out = nn.Linear(output) end
function Ahead:forward(x) return self.out(x:transpose(2, 3)):transpose(2, 3) end -- x: [rows, input, columns]

return ml.recipe {
  name = "%s",
  task = "regression",
  seed = 1,
  problem = { ask = "What will the load be in the next six hours?", accept = { mae = 0.5 } },   -- errors of standardized columns
  data  = { source = data.windows(data.csv "%s.csv", {
              input = 48, output = 6,             -- change: how many rows are seen, and how many are to be said
              time = "hour" }) },                 -- change: the column that orders the rows
  split = { valid = 0.15, test = 0.15 },          -- the last rows are held out
  model = Ahead(6),
  train = { batch = 32, epochs = 15, patience = 4, optimizer = ml.optim.adamw { lr = 3e-3 } },
  assess = { metrics = { "mae", "rmse" } },
}
]]):format(name, name, name, name, name), csv(lines)
end

local GOOD = { "lovely", "clear", "moving", "bright", "warm" }
local BAD = { "dull", "loud", "empty", "slow", "cold" }
local THINGS = { "story", "film", "music", "ending", "cast" }

function templates.text(name)
  local draw, lines = numbers(5), { "text,label" }
  local function pick(list) return list[1 + (draw() * #list // 1 | 0)] end
  for i = 1, 300 do
    local good = i % 2 == 0
    local first, second = pick(good and GOOD or BAD), pick(draw() < 0.8 and (good and GOOD or BAD) or (good and BAD or GOOD))
    lines[i + 1] = ("a %s %s and a %s %s,%s"):format(first, pick(THINGS), second, pick(THINGS), good and "praise" or "blame")
  end
  return ([[
-- moonlab run %s.lua
local ml = require "moonlab"
local data, features = ml.data, ml.features

return ml.recipe {
  name = "%s",
  task = "binary",
  seed = 1,
  problem = { ask = "Does the sentence praise?", accept = { accuracy = 0.85 } },
  data = {
    source = data.csv "%s.csv",                   -- change: your file
    target = "label", positive = "praise",        -- change: the column that is asked for, and its second class
    columns = { text = data.string {} },          -- change: the column with the text
  },
  split    = { test = 0.2, stratify = true },
  features = { features.tfidf() },                -- of all columns of text: words weighed by how rare they are; fitted to the training part alone
  model    = ml.logistic { C = 10 },
  assess   = { cv = ml.kfold(5), metrics = { "accuracy", "auc" } },
}
]]):format(name, name, name), csv(lines)
end

return templates
