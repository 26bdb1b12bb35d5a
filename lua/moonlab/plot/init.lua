--- ml.plot: plots as text, at the width of the terminal, the same for the same values. Each gives a string.

local bar = require "moonlab.plot.bar"

return require "moonlab.namespace"("ml.plot", {
  line = require "moonlab.plot.line",
  confusion = require "moonlab.plot.confusion",
  bar = bar.bar,
  hist = bar.hist,
  image_grid = require "moonlab.plot.image_grid",
})
