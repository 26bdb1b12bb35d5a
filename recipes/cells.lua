-- moonlab run recipes/cells.lua
-- Blood cells found and counted in 364 micrographs (BCCD): a small detector in the manner of CenterNet (Zhou et al. 2019). For each kind of
-- cell a map says where middles of cells lie; at each middle four numbers say how large the cell is and where in its place the middle lies.
-- The micrographs are not shipped: put BCCD (Annotations, ImageSets, JPEGImages) into a folder bccd/.
local ml = require "moonlab"
local nn, data = ml.nn, ml.data

local height, width, stride, kinds = 240, 320, 8, 3
local rows, columns = height // stride, width // stride

local function conv(channels, step)
  return nn.Sequential { nn.Conv2d(channels, 3, { stride = step, padding = 1, bias = false }), nn.BatchNorm(), nn.ReLU() }
end

-- At a quarter of the finest resolution, and added to it again.
local function around()
  return nn.Residual { conv(96, 2), conv(96, 1), nn.Residual { conv(96, 1), conv(96, 1) }, conv(96, 1), nn.ConvTranspose2d(64, 2, { stride = 2 }) }
end

-- Maps ---------------------------------------------------------------------------------------------------------------

-- A middle of a cell, as a hill in the map of its kind: 1 at the top, so wide as the cell is large.
local function raise_hill(map, from, x, y, w, h)
  local sx, sy = math.max(0.6, w / 8), math.max(0.6, h / 8)
  for i = math.max(0, math.floor(y - 3 * sy)), math.min(rows - 1, math.floor(y + 3 * sy)) do
    for j = math.max(0, math.floor(x - 3 * sx)), math.min(columns - 1, math.floor(x + 3 * sx)) do
      local dx, dy = (j - math.floor(x)) / sx, (i - math.floor(y)) / sy
      local at = from + i * columns + j + 1
      map[at] = math.max(map[at], math.exp(-(dx * dx + dy * dy) / 2))
    end
  end
end

-- The maps [B, kinds, rows, columns] that a batch asks for, the places of the middles and their four numbers.
local function targets(batch)
  local map, places, numbers = {}, {}, {}
  for i = 1, batch.count * kinds * rows * columns do map[i] = 0.0 end
  local boxes, labels = batch.boxes:tolist(), batch.labels:tolist()
  for n = 1, batch.count do
    for k, kind in ipairs(labels[n]) do
      if kind > 0 then
        local x1, y1, x2, y2 = table.unpack(boxes[n][k])
        local x, y, w, h = (x1 - 1 + x2) / 2 / stride, (y1 - 1 + y2) / 2 / stride, (x2 - x1 + 1) / stride, (y2 - y1 + 1) / stride
        raise_hill(map, ((n - 1) * kinds + kind - 1) * rows * columns, x, y, w, h)
        local j, i = math.min(columns - 1, math.floor(x)), math.min(rows - 1, math.floor(y))
        places[#places + 1] = ((n - 1) * rows + i) * columns + j + 1
        numbers[#numbers + 1] = { math.log(w), math.log(h), x - j, y - i }
      end
    end
  end
  return ml.tensor(map):reshape { batch.count, kinds, rows, columns }, places, numbers
end

local function hills(output) return output:slice(2, 1, kinds) - 3 end -- at first hardly anything is a cell

-- Focal for the maps (places near a middle are hardly wrong), absolute differences for the numbers.
local function loss(output, batch)
  local map, places, numbers = targets(batch)
  local z = hills(output)
  local p, top = z:sigmoid(), map:ge(1):to "float32"
  local missed = (1 - p):square() * (-z):softplus() * top
  local wrong = (1 - map):square():square() * p:square() * z:softplus() * (1 - top)
  local sum = (missed + wrong):sum() / math.max(1, #places)
  if #places == 0 then return sum end
  local given = output:slice(2, kinds + 1, kinds + 4):permute(1, 3, 4, 2):reshape { -1, 4 }
  return sum + nn.smooth_l1_loss(given:index_select(1, ml.tensor(places, { dtype = "int64" })), ml.tensor(numbers), { beta = 0.1 })
end

-- Boxes --------------------------------------------------------------------------------------------------------------

-- How hills become cells, fitted to the validation part when the training has ended: from which overlap on two boxes of a kind are one cell,
-- and by kind the least score of a cell that is counted.
local rule = { overlap = 0.6, least = { 0.3, 0.3, 0.3 } }

-- The tops of one picture's hills as boxes, a list for each kind.
local function tops_of(p, peak, numbers)
  local out = {}
  for kind = 1, kinds do
    local boxes, scores = {}, {}
    for i = 1, rows do
      for j = 1, columns do
        local score = p[kind][i][j]
        if score > 0.02 and score == peak[kind][i][j] then
          local w, h = math.exp(math.min(5, numbers[1][i][j])) * stride, math.exp(math.min(5, numbers[2][i][j])) * stride
          local x, y = (j - 1 + numbers[3][i][j]) * stride, (i - 1 + numbers[4][i][j]) * stride
          boxes[#boxes + 1] = { math.max(1, x - w / 2 + 1), math.max(1, y - h / 2 + 1), math.min(width, x + w / 2), math.min(height, y + h / 2) }
          scores[#scores + 1] = score
        end
      end
    end
    out[kind] = { boxes = boxes, scores = scores }
  end
  return out
end

-- The tops of each picture of a set, and the cells that are there.
local function look(model, set)
  local tops, actual = {}, {}
  for batch in set:batches { size = 8, pass = 0 } do
    local output = model(batch.x)
    local p = hills(output):sigmoid()
    local peak = nn.max_pool2d(p, 3, { stride = 1, padding = 1 }):tolist()
    local numbers = output:slice(2, kinds + 1, kinds + 4):tolist()
    p = p:tolist()
    local boxes, labels, counts = batch.boxes:tolist(), batch.labels:tolist(), batch.box_counts:tolist()
    for n = 1, batch.count do
      tops[#tops + 1] = tops_of(p[n], peak[n], numbers[n])
      actual[#actual + 1] = { boxes = boxes[n], labels = table.move(labels[n], 1, counts[n], 1, {}) }
    end
  end
  return tops, actual
end

-- The tops of one picture without doubles.
local function cells_of(tops, overlap)
  local out = { boxes = {}, labels = {}, scores = {} }
  for kind, of in ipairs(tops) do
    for _, k in ipairs(ml.metrics.suppress(of.boxes, of.scores, overlap)) do
      table.insert(out.boxes, of.boxes[k])
      table.insert(out.labels, kind)
      table.insert(out.scores, of.scores[k])
    end
  end
  return out
end

local function all_cells(tops, overlap)
  local found = {}
  for n, one in ipairs(tops) do found[n] = cells_of(one, overlap) end
  return found
end

local function precision_of(found, actual) return ml.metrics.mean_average_precision(found, actual, { classes = kinds, rule = "voc" }) end

local function count(list, kind, least)
  local n = 0
  for k, label in ipairs(list.labels) do
    if label == kind and (not list.scores or list.scores[k] >= least) then n = n + 1 end
  end
  return n
end

-- By how many cells of a kind the count of a picture is wrong, in the mean.
local function count_error(found, actual, kind, least)
  local wrong = 0
  for n in ipairs(found) do wrong = wrong + math.abs(count(found[n], kind, least) - count(actual[n], kind)) end
  return wrong / #found
end

-- The one of the values for which f is least.
local function best(values, f)
  local chosen, least
  for _, value in ipairs(values) do
    local here = f(value)
    if not least or here < least then chosen, least = value, here end
  end
  return chosen
end

local function fit_rule(model, set)
  local tops, actual = look(model, set)
  rule.overlap = best({ 0.3, 0.4, 0.5, 0.6, 0.7 }, function(overlap) return -precision_of(all_cells(tops, overlap), actual).mean end)
  local found, steps = all_cells(tops, rule.overlap), {}
  for i = 1, 45 do steps[i] = 0.02 * i end
  for kind = 1, kinds do
    rule.least[kind] = best(steps, function(least) return count_error(found, actual, kind, least) end)
  end
end

-- Average precision of the held-out micrographs, and by how many cells of each kind the count of one is wrong.
local function score(model, set)
  local tops, actual = look(model, set)
  local found = all_cells(tops, rule.overlap)
  local precision, scores = precision_of(found, actual), {}
  scores.map50 = precision.mean
  for kind, name in ipairs { "platelets", "red", "white" } do
    scores["ap50_" .. name] = precision.by_class[kind]
    scores[name .. "_count_error"] = count_error(found, actual, kind, rule.least[kind])
  end
  return scores
end

return ml.recipe {
  name = "cells", task = "detection", seed = 3,
  problem = { ask = "Which blood cells lie where, and how many are there?", accept = { map50 = 0.75 } },
  data    = { source = data.voc("bccd", { size = { height, width }, classes = { "Platelets", "RBC", "WBC" },
    about = "  The micrographs are not part of Moonlab: put BCCD's folders Annotations, ImageSets and JPEGImages into bccd/." }) },
  augment = { data.flip(), data.flip_vertical(), data.scale { 0.8, 1.25 }, data.shift(24),
              data.colour { brightness = 0.15, contrast = 0.15, saturation = 0.15 } },
  model   = nn.Sequential { conv(16, 2), conv(32, 2), conv(32, 1), conv(64, 2), nn.Residual { conv(64, 1), conv(64, 1) }, around(),
                            conv(64, 1), nn.Conv2d(kinds + 4, 1) },
  train   = {
    loss = loss, batch = 8, epochs = 40,
    optimizer = ml.optim.adamw { lr = 2e-3, weight_decay = 1e-3, schedule = ml.optim.cosine { warmup = 1 } },
    finish = function(run)
      ml.no_grad(fit_rule, run.model, run.valid)
      run:say(("boxes of a kind that overlap by %.1f are one cell; counted from scores of %.2f (platelets), %.2f (red), %.2f (white)"):format(
        rule.overlap, table.unpack(rule.least)))
    end,
  },
  assess  = { score = score },
}
