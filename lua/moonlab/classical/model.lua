--- The base of the classical models: a module that is fitted at once, by a solver of its own.
--
-- A class gives: _name as it is called ("ml.ridge"), tasks, wants ("numbers" or "classes"), a solve(self, problem) that sets its tensors
-- with self:set and returns what becomes model.fitted, and forward. What solve gets is problem.lua's; takes_sparse: both can do with a sparse
-- matrix for x.

local core = require "moonlab.core"
local Module = require "moonlab.nn.module"
local blame = require "moonlab.blame"
local parameter = require "moonlab.nn.parameter"
local problem = require "moonlab.classical.problem"

local Model = Module:extend "Model"
Model.fits_directly, Model.dtype, Model.takes_tensor = true, "float64", true
Model.tasks, Model.wants, Model.loss_name = { "regression" }, "numbers", "mse"

--- A new kind of model.
-- @param name   "ml.ridge"
-- @param class  { tasks =, wants =, loss_name = }, where they differ from a regression's
-- @param read   reads its options
function Model.kind(self, name, class, read)
  local Kind = self:extend(name)
  for key, value in pairs(class) do Kind[key] = value end
  Kind.read = read
  return Kind
end

--- Keeps the options and makes slots for what is fitted.
-- @param o      options of the constructor
-- @param names  of the tensors that a fit gives
-- @param kind   "parameter", or "buffer" for rows that are kept as they are
function Model:configure(o, names, kind)
  self.settings = self.read(o)
  for _, name in ipairs(names) do self[name] = parameter.slot(kind) end
  return self.settings
end

--- In solve: a tensor of the model, in the place of the one before.
-- @param name    the field of a slot
-- @param tensor  its values
function Model:set(name, tensor)
  self[name] = parameter.mark(tensor:detach(), parameter.kind(self[name]), parameter.number(self[name]))
end

-- Numbers of sizes that are too unlike leave double precision.
local function check_numbers(self)
  for name, tensor in self:named_parameters() do
    if tensor.dtype == "float64" and not tensor:isfinite():all():item() then
      blame.raise("%s: its %s came out of the solver as no finite number: the columns or y are too large, or too small\n"
        .. "  hint: features.standardize() brings columns near 1", self._name, name)
    end
  end
end

--- Fits the model: from the beginning, whatever it was fitted to before.
-- @param x    a tensor [rows, columns] of floating point (more dimensions are laid flat), a sparse matrix (ml.sparse), or a data set
-- @param y    numbers [rows], or classes [rows] from 1 (int64); nothing for a data set
-- @param how  { weight = one number from 0 on for each row, classes = how many there are, if not all occur, names = of the columns }
-- @return the model, built, with model.fitted = { iterations =, converged =, gap =, rank =, seconds =, notes = a list of plain words }
-- @error NaN (its row and column are named), lengths that differ, a class that is none, one class alone
-- @usage ml.ridge { alpha = 0.5 }:fit(ml.tensor { { 1.0 }, { 2.0 }, { 3.0 } }, { 1, 2, 3 }):predict(ml.tensor { { 4.0 } })   --> 3.6
function Model:fit(x, y, how)
  local began = core.clock()
  local before = core.set_grad_enabled(false)
  local restore <close> = setmetatable({}, { __close = function() core.set_grad_enabled(before) end })
  local p = problem.read(self._name, self, x, y, how)
  local fitted = self:solve(p)
  check_numbers(self)
  fitted.notes, fitted.seconds = fitted.notes or {}, core.clock() - began
  fitted.rows, fitted.names = p.rows, p.names
  self.fitted, self.fitted_columns = fitted, p.columns
  self._info.ready, self._info.built = true, true
  return self
end

--- x as forward wants it: of any floating type, in float64.
-- @param x  a tensor [rows, columns], or a sparse matrix
-- @return a tensor [rows, columns] of float64; a sparse matrix stays one where the model takes it
function Model:input(x)
  if core.is_sparse(x) then return self.takes_sparse and x or x:dense() end
  if not self:is_built() then error(("%s: the model is not fitted yet: model:fit(x, y)"):format(self._name), 0) end
  if x:dim() > 2 then x = x:reshape { x:size(1), -1 } end
  return x.dtype == "float64" and x or x:to "float64"
end

local function outputs(self, x)
  local before = core.set_grad_enabled(false)
  local restore <close> = setmetatable({}, { __close = function() core.set_grad_enabled(before) end })
  return self(problem.matrix(self._name, x, self.takes_sparse))
end

--- The answer for each row.
-- @param x  a tensor [rows, columns]
-- @return numbers [rows] (float64), or classes [rows] from 1 (int64)
function Model:predict(x)
  local out = outputs(self, x)
  if self.wants ~= "classes" then return self:mean_of(out):squeeze(2) end
  if out:size(2) == 1 then return out:squeeze(2):gt(0):to "int64" + 1 end
  return out:argmax(2)
end

--- What the outputs stand for: the link of a generalised linear model.
function Model:mean_of(out) return out end

--- The probability of each class.
-- @param x  a tensor [rows, columns]
-- @return a tensor [rows, classes] of float64; the rows add up to 1
-- @error a regression, which has none
function Model:predict_proba(x)
  if self.wants ~= "classes" then blame.raise("%s is a regression: it has no probabilities", self._name) end
  local out = outputs(self, x)
  if out:size(2) > 1 then return out:softmax(2) end
  return core.ops.cat({ (-out):sigmoid(), out:sigmoid() }, 2)
end

--- The options that the model was made with, as plain values.
-- @return a table with name = "ml.ridge" and the options
function Model:describe()
  local plain = { name = self._name }
  for name, value in pairs(self.settings) do
    if type(value) ~= "function" then plain[name] = value end
  end
  return plain
end

return Model
