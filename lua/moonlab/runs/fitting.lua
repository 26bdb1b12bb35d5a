--- A plain word on how training and validation went: whether more training, or less, would have done better.

local fitting = {}

local FLAT = 0.01   -- a loss that falls by less than this part of itself counts as not falling
local WORSE = 0.05  -- a validation loss that rises by more than this part counts as rising
local NOTABLE = 0.1 -- a score that is worse by more than this part on new rows is worth a word
local APART = 0.3   -- a gap between the losses of more than this part is worth a word

-- The records with both losses.
local function both(records)
  local out = {}
  for _, record in ipairs(records) do
    if type(record.loss) == "number" and type(record.valid_loss) == "number" then out[#out + 1] = record end
  end
  return out
end

local function best_of(list)
  local at = 1
  for i, record in ipairs(list) do
    if record.valid_loss < list[at].valid_loss then at = i end
  end
  return at
end

--- Judges the curves of a run.
-- @param records  of the log: { epoch =, loss =, valid_loss = }
-- @return a sentence; nil where there is too little to say one
function fitting.word(records)
  local list = both(records)
  if #list < 3 then return nil end
  local best, last = best_of(list), #list
  local at, rise = list[best], list[last].valid_loss / list[best].valid_loss - 1
  if best < last and rise > WORSE and list[last].loss < at.loss then
    return ("Overfitting after epoch %d: since then the training loss fell from %.4g to %.4g, while the validation loss rose from %.4g to %.4g."):format(
      at.epoch, at.loss, list[last].loss, at.valid_loss, list[last].valid_loss)
  end
  local before = list[math.max(1, last - math.max(1, #list // 5))]
  if best == last and before.valid_loss - at.valid_loss > FLAT * math.abs(before.valid_loss) then
    return ("Not at its end: the validation loss still falls (from %.4g in epoch %d to %.4g). More epochs may help."):format(before.valid_loss, before.epoch, at.valid_loss)
  end
  if at.loss > 0 and at.valid_loss > at.loss * (1 + APART) then
    return ("The validation loss (%.4g) is well above the training loss (%.4g): the model knows its own rows better than others. More data, or more regularisation, may help."):format(at.valid_loss, at.loss)
  end
  return ("The validation loss has come to rest at %.4g, near the training loss of %.4g: no overfitting. If the score is too low, a larger model or other features may help."):format(at.valid_loss, at.loss)
end

--- Judges the scores of a model that is solved, which has no curves.
-- @param name   of the metric
-- @param train  its score on the rows that it was fitted to
-- @param other  its score on the part that it was judged on, which is called part
-- @param larger whether larger is better
-- @return a sentence
function fitting.of_scores(name, train, other, part, larger)
  local worse = larger and train - other or other - train
  local size = math.max(math.abs(train), math.abs(other), 1e-12)
  local numbers = ("%s is %.4f on the training part and %.4f on the %s part"):format(name, train, other, part)
  if worse / size > NOTABLE then return numbers .. ": it knows its own rows better than others. More data, or more regularisation, may help." end
  return numbers .. ": no overfitting. If the score is too low, a richer model or other features may help."
end

return fitting
