-- What models of classes share that know probabilities and not scores.

local likelihood = {}

--- The score of a class that can not be: its probability is 0, and losses and softmax stay finite.
likelihood.NEVER = -1e30

local SMALLEST = 2.0 ^ -52 -- what a probability of 0 is taken for, as in scikit-learn's log_loss

--- Logarithms of probabilities; that of 0 is finite.
function likelihood.log(probability) return probability:clamp(SMALLEST):log() end

--- Logarithms of the shares of classes.
-- @param mass  [K]: the weight of each class, 0 for one without rows
function likelihood.prior(mass)
  local empty = mass:eq(0)
  return (mass:masked_fill(empty, 1) / mass:sum()):log():masked_fill(empty, likelihood.NEVER)
end

--- Logarithms of probabilities from those of joint probabilities [m, K].
function likelihood.normalised(joint) return joint - joint:logsumexp(2, { keepdim = true }) end

--- For model.fitted.notes: the classes that have no rows; nil if all have.
function likelihood.note(counts)
  local absent = {}
  for class, count in ipairs(counts) do
    if count == 0 then absent[#absent + 1] = class end
  end
  if #absent > 0 then return { ("no row is of class %s: it is never predicted"):format(table.concat(absent, ", ")) } end
end

return likelihood
