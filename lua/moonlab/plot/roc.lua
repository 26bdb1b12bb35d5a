--- ml.plot.roc: how many of the positives are found at what price.

local curves = require "moonlab.plot.curves"
local scene = require "moonlab.plot.scene"
local settings = require "moonlab.plot.settings"
local unit = require "moonlab.plot.unit"

local read = settings.reader("plot.roc", { { "positive", "any" } }, "ml.plot.roc(scores, labels)")

--- Draws the ROC curve of scores, with the area under it; the dotted line is chance.
-- @param scores   a list, tensor or column, the higher the more positive; or of several models {{"linear", scores}, {"net", scores}}
-- @param labels   0 and 1, false and true, or classes 1 and 2: a list, tensor or column
-- @param options  { positive = which label is the positive one, the larger if not given; title =, x_label =, y_label =; of the text: width =
--                 the terminal's, height = 16, utf8 = by the locale }
-- @return a plot: print it, or plot:save "name.svg"
-- @error different lengths, labels that are not of two kinds
-- @usage print(ml.plot.roc({0.1, 0.4, 0.35, 0.8}, {0, 0, 1, 1}))
return function(scores, labels, options)
  local o = read(options)
  local groups, dropped = curves.groups(scores, labels, o.positive, "plot.roc")
  for _, group in ipairs(groups) do
    local area
    group.x, group.y, area = curves.roc(group.scores, group.positives)
    group.name = curves.named(group.name, "AUC", area)
  end
  local panel = unit.panel(groups, { scene.guide(0, 0, 1, 1) }, { x_label = o.x_label or "false positive rate", y_label = o.y_label or "true positive rate" })
  return scene.of_panel(panel, o, curves.note(dropped))
end
