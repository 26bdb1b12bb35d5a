-- opt:accumulate: the gradients of a batch, a piece of it at a time.
--
-- Each piece's loss is a mean; times what the mean is over it is a sum, and the sums' gradients add up to those of the
-- batch. They are divided once, at the end, so that no piece has to know the others.

local core = require "moonlab.core"
local blame = require "moonlab.blame"

local function rows_of(batch)
  local rows, name
  for key, value in pairs(batch) do
    if type(value) == "userdata" then
      if value:dim() == 0 then blame.raise("accumulate: %s has no dimensions; its first one counts the rows", key) end
      if rows and #value ~= rows then
        blame.raise("accumulate: %s has %d rows, but %s has %d", name, rows, key, #value)
      end
      rows, name = #value, key
    end
  end
  if not rows then blame.raise "accumulate: the batch is a table of tensors, as { x = ..., y = ... }" end
  return rows
end

local function piece_of(batch, from, to)
  local piece = {}
  for key, value in pairs(batch) do
    piece[key] = type(value) == "userdata" and value:slice(1, from, to) or value
  end
  piece.count, piece.in_pieces = to - from + 1, true
  return piece
end

local function check_loss(loss)
  if not core.is_tensor(loss) or loss:numel() ~= 1 then
    blame.raise("accumulate: the function of a piece must return its loss, a tensor of one element, got %s",
      core.is_tensor(loss) and "[" .. table.concat(loss.shape, ", ") .. "]" or blame.show(loss))
  end
end

return function(optimizer, parameters, batch, pieces, f)
  if type(batch) ~= "table" then blame.raise("accumulate: the batch must be a table, got %s", blame.show(batch)) end
  if math.type(pieces) ~= "integer" or pieces < 1 then
    blame.raise("accumulate: the number of pieces must be a positive integer, got %s", blame.show(pieces))
  end
  if type(f) ~= "function" then
    blame.raise("accumulate: the function of a piece is missing: opt:accumulate(batch, 4, function(piece) return "
      .. "nn.cross_entropy(model(piece.x), piece.y) end), got %s", blame.show(f))
  end
  local rows, sum, total = rows_of(batch), 0, 0
  if rows == 0 then blame.raise "accumulate: the batch has no rows" end
  local size = (rows + pieces - 1) // pieces
  optimizer:zero_grad()
  for from = 1, rows, size do
    local piece = piece_of(batch, from, math.min(from + size - 1, rows))
    local loss, weight = f(piece)
    check_loss(loss)
    weight = weight or piece.count
    if weight > 0 then
      sum, total = sum + loss:item() * weight, total + weight
      ;(loss * weight):backward()
    end
  end
  if total > 0 then core.scale_grads(parameters, 1 / total) end
  return sum / total
end
