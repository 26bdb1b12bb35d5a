-- What every function of ml.plot gives: a scene (see scene.lua) that draws itself as text or SVG.

local vm = require "moonlab.vm"
local blame = require "moonlab.blame"
local failure = require "moonlab.failure"
local options = require "moonlab.options"
local text = require "moonlab.plot.text"

local Plot = {}
Plot.__index = Plot
Plot.__name = "plot"

--- A plot of a scene.
-- @param scene  see scene.lua
-- @param o      the options of the call: { width =, height =, utf8 = } of the text
function Plot.new(scene, o)
  return setmetatable({ scene = scene, settings = { width = o.width, height = o.height, utf8 = o.utf8 } }, Plot)
end

function Plot:__tostring() return require "moonlab.plot.text_scene"(self.scene, text.settings(self.settings)) end

local read_size = options("plot:svg", { { "width", "count" }, { "height", "count" } }, "plot:svg {width = 640, height = 400}")

--- The plot as SVG: one element without scripts, fonts or files of others, fit to stand in a page of HTML. Its colours follow the
-- reader's light or dark background.
-- @param o  { width = 640, height = by the kind of plot }, in pixels; the picture scales
-- @return the text of an SVG file
-- @usage ml.plot.line({1, 4, 9}):svg { width = 300, height = 200 }
function Plot:svg(o) return require "moonlab.plot.svg"(self.scene, read_size(o)) end

--- The pictures of an image grid as PNG, pixel for pixel.
-- @return the bytes of a PNG file
-- @error the plot is no image grid
-- @usage ml.plot.image_grid(ml.rand(16, 28, 28)):png()
function Plot:png()
  if not self.scene.picture then blame.raise "plot:png: only an image_grid is made of pixels; write plot:save 'name.svg'" end
  return self.scene.picture.png
end

--- Writes the plot into a file, by the end of its name: .svg, or .png for an image grid.
-- @param path  where to
-- @param o     as for plot:svg
-- @return the plot
-- @error another ending; a file that can't be written (a failure with exit status 4)
-- @usage ml.plot.hist(ml.randn(100)):save "/tmp/heights.svg"
function Plot:save(path, o)
  if type(path) ~= "string" then blame.raise("plot:save: a path is needed, got %s", blame.show(path)) end
  local ending, bytes = path:lower():match "%.(%w+)$", nil
  if ending == "svg" then bytes = self:svg(o)
  elseif ending == "png" then bytes = self:png()
  else blame.raise("plot:save: '%s' must end in .svg, or in .png for an image_grid", path) end
  local ok, problem = vm.write_atomic(path, bytes)
  if not ok then failure.raise("data", "can't save the plot: %s", problem) end
  return self
end

return Plot
