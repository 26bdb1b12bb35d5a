--- ml.plot: plots of numbers. Each function gives a plot, which prints itself at the width of the terminal (braille, or ASCII where
-- the locale has no more; the same text for the same values) and writes itself as SVG: plot:save "loss.svg".

local bar = require "moonlab.plot.bar"
local box = require "moonlab.plot.box"
local calibration = require "moonlab.plot.calibration"
local heatmap = require "moonlab.plot.heatmap"
local hist = require "moonlab.plot.hist"
local line = require "moonlab.plot.line"
local scatter = require "moonlab.plot.scatter"

return require "moonlab.namespace"("ml.plot", {
  line = line.line,
  scatter = scatter.scatter,
  hist = hist.hist,
  bar = bar.bar,
  box = box.box,
  heatmap = heatmap.heatmap,
  confusion = require "moonlab.plot.confusion",
  roc = require "moonlab.plot.roc",
  pr = require "moonlab.plot.pr",
  calibration = calibration.calibration,
  learning_curve = require "moonlab.plot.learning_curve",
  pairs = require "moonlab.plot.pairs",
  image_grid = require "moonlab.plot.image_grid",
})
