--- ml.plot.pr: how pure what is found is, the more of the positives are found.

local curves = require "moonlab.plot.curves"
local scene = require "moonlab.plot.scene"
local settings = require "moonlab.plot.settings"
local unit = require "moonlab.plot.unit"

local read = settings.reader("plot.pr", { { "positive", "any" } }, "ml.plot.pr(scores, labels)")

-- The precision of a recall is that of the next threshold which reaches it: steps, not slopes.
local function stepped(x, y)
  local out_x, out_y = {}, {}
  for i = 1, #x do
    if i > 1 then out_x[#out_x + 1], out_y[#out_y + 1] = x[i - 1], y[i] end
    out_x[#out_x + 1], out_y[#out_y + 1] = x[i], y[i]
  end
  return out_x, out_y
end

local function share_of(positives)
  local count = 0
  for _, is_positive in ipairs(positives) do count = count + (is_positive and 1 or 0) end
  return count / #positives
end

--- Draws the precision-recall curve of scores, with the average precision; the dotted line is chance.
-- @param scores   a list, tensor or column, the higher the more positive; or of several models {{"linear", scores}, {"net", scores}}
-- @param labels   0 and 1, false and true, or classes 1 and 2: a list, tensor or column
-- @param options  { positive = which label is the positive one, the larger if not given; title =, x_label =, y_label =; of the text: width =
--                 the terminal's, height = 16, utf8 = by the locale }
-- @return a plot: print it, or plot:save "name.svg"
-- @error different lengths, labels that are not of two kinds
-- @usage print(ml.plot.pr({0.1, 0.4, 0.35, 0.8}, {0, 0, 1, 1}))
return function(scores, labels, options)
  local o = read(options)
  local groups, dropped = curves.groups(scores, labels, o.positive, "plot.pr")
  local chance = share_of(groups[1].positives)
  for _, group in ipairs(groups) do
    local x, y, average = curves.precision_recall(group.scores, group.positives)
    group.x, group.y = stepped(x, y)
    group.name = curves.named(group.name, "AP", average)
  end
  local panel = unit.panel(groups, { scene.guide(0, chance, 1, chance) }, { x_label = o.x_label or "recall", y_label = o.y_label or "precision" })
  return scene.of_panel(panel, o, curves.note(dropped))
end
