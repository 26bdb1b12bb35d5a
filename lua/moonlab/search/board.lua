--- The table of a search: on paper when it is done, and live while it goes on.

local space = require "moonlab.space"
local choose = require "moonlab.search.choose"
local Progress = require "moonlab.train.progress"

local board = {}

local MOST, LIVE, INTERVAL = 40, 5, 0.2

--- The names of all settings, in the order in which they were first called.
function board.names(trials)
  local names, seen = {}, {}
  for _, trial in ipairs(trials) do
    for _, entry in ipairs(trial.entries) do
      if not entry.fixed and not seen[entry.name] then names[#names + 1], seen[entry.name] = entry.name, true end
    end
  end
  return names
end

--- The settings of a trial as texts by name.
function board.settings(trial)
  local out = {}
  for _, entry in ipairs(trial.entries) do
    if not entry.fixed then out[entry.name] = space.shown(entry) end
  end
  return out
end

--- The settings of a trial in a line: "C 0.1, pca 8".
function board.line(trial)
  local parts = {}
  for _, entry in ipairs(trial.entries) do
    if not entry.fixed then parts[#parts + 1] = ("%s %s"):format(entry.name, space.shown(entry)) end
  end
  return table.concat(parts, ", ")
end

local function score(value) return value and ("%.4f"):format(value) or "-" end

local function cells_of(trial, names, rungs)
  local cells, settings = { tostring(trial.number) }, board.settings(trial)
  for _, name in ipairs(names) do cells[#cells + 1] = settings[name] or "-" end
  table.move({ score(trial.mean), score(trial.std), tostring(#trial.scores) }, 1, 3, #cells + 1, cells)
  if rungs > 1 then cells[#cells + 1] = tostring(trial.rung) end
  cells[#cells + 1] = trial.stopped or ""
  return cells
end

-- Columns as wide as their widest cell; all but the last flush right.
local function aligned(rows)
  local widths, lines = {}, {}
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do widths[i] = math.max(widths[i] or 0, utf8.len(cell) or #cell) end
  end
  for r, row in ipairs(rows) do
    local parts = {}
    for i, cell in ipairs(row) do
      parts[i] = i == #row and cell or (" "):rep(widths[i] - (utf8.len(cell) or #cell)) .. cell
    end
    lines[r] = table.concat(parts, "  "):gsub("%s+$", "")
  end
  return lines
end

-- The narrower a terminal, the more is cut off at the right: the settings, not the score.
local function score_first(rows, settings)
  for i, row in ipairs(rows) do
    local out = { row[1] }
    table.move(row, settings + 2, #row - 1, 2, out)
    table.move(row, 2, settings + 1, #out + 1, out)
    out[#out + 1] = row[#row]
    rows[i] = out
  end
  return rows
end

--- Trials as rows of cells below a row of heads: the number, the settings, the score and its deviation, folds, the rung where there are several,
-- why it was stopped.
-- @param trials  in the order in which they are wanted
-- @param o       { select = the metric, rungs = }
-- @param most    how many trials at most
-- @return a list of lists of texts
function board.rows(trials, o, most)
  local names, rows = board.names(trials), {}
  rows[1] = table.move(names, 1, #names, 2, { "trial" })
  table.move({ o.select, "std", "folds" }, 1, 3, #rows[1] + 1, rows[1])
  if o.rungs > 1 then table.insert(rows[1], "rung") end
  table.insert(rows[1], "")
  for i, trial in ipairs(trials) do
    if i > most then break end
    rows[i + 1] = cells_of(trial, names, o.rungs)
  end
  return rows
end

--- The table of all trials, the best first.
-- @param trials  what Trials.run gave
-- @param o       { select = the metric, rungs = how many, chosen = the trial that was chosen }
-- @return a string
function board.text(trials, o)
  local ranked = choose.ranked(trials)
  local rows = board.rows(ranked, o, MOST)
  for i, trial in ipairs(ranked) do
    if i <= MOST and trial == o.chosen then rows[i + 1][#rows[i + 1]] = "chosen" end
  end
  local lines = aligned(rows)
  if #trials > MOST then lines[#lines + 1] = ("... and %d more in trials.csv"):format(#trials - MOST) end
  return table.concat(lines, "\n")
end

local function csv_cell(text) return text:find '[",\n]' and '"' .. text:gsub('"', '""') .. '"' or text end

--- All trials in their order, as values separated by commas. It has no times, so that the same search gives the same bytes.
function board.csv(trials, o)
  local rows, lines = board.rows(trials, o, math.huge), {}
  for i, trial in ipairs(trials) do
    local row = rows[i + 1]
    row[#row - (o.rungs > 1 and 4 or 3)] = trial.mean and ("%.17g"):format(trial.mean) or ""
    row[#row - (o.rungs > 1 and 3 or 2)] = trial.std and ("%.17g"):format(trial.std) or ""
  end
  rows[1][#rows[1]] = "stopped"
  for i, row in ipairs(rows) do
    local cells = {}
    for k, cell in ipairs(row) do cells[k] = csv_cell(cell) end
    lines[i] = table.concat(cells, ",")
  end
  return table.concat(lines, "\n") .. "\n"
end

-- Live ----------------------------------------------------------------------------------------------------------------------

local Live = {}
Live.__index = Live

--- What is seen while a search goes on: on a terminal the best trials and those under way, written over again and again; elsewhere a
-- line for each trial that is done.
-- @param o  { terminal =, columns =, quiet =, select =, rungs =, folds =, most = how many trials there will be, or nil, write =, clock = }
function board.live(o)
  return setmetatable({ o = o, trials = {}, working = {}, done = 0, shown = 0, last = -math.huge, began = o.clock() }, Live)
end

-- Takes the lines away that stand there.
function Live:clear()
  if self.shown > 0 then self.o.write(("\27[%dA\r\27[J"):format(self.shown)) end
  self.shown = 0
end

local function status_of(self)
  local parts = {}
  for _, trial in ipairs(self.trials) do
    if self.working[trial] and not trial.closed and not trial.waits then parts[#parts + 1] = ("%d (%d of %d folds)"):format(trial.number, #trial.scores, self.o.folds) end
  end
  return ("%d%s done%s  %s"):format(self.done, self.o.most and (" of %d"):format(self.o.most) or "",
    #parts > 0 and ", under way " .. table.concat(parts, ", ") or "", Progress.duration(self.o.clock() - self.began))
end

function Live:draw()
  if self.o.quiet or not self.o.terminal or self.o.clock() - self.last < INTERVAL then return end
  self.last = self.o.clock()
  local done = {}
  for _, trial in ipairs(self.trials) do
    if trial.closed then done[#done + 1] = trial end
  end
  local lines = #done > 0 and aligned(score_first(board.rows(choose.ranked(done), self.o, LIVE), #board.names(done))) or {}
  lines[#lines + 1] = status_of(self)
  for i, line in ipairs(lines) do lines[i] = line:sub(1, (utf8.offset(line, self.o.columns) or #line + 1) - 1) end
  self:clear()
  self.o.write(table.concat(lines, "\n") .. "\n")
  self.shown = #lines
end

function Live:opened(trial) self.trials[#self.trials + 1] = trial end

function Live:begun(trial)
  self.working[trial] = true
  self:draw()
end

function Live:closed(trial)
  self.done = self.done + 1
  local best = not self.best or (trial.complete and trial.score > self.best)
  if trial.complete and best then self.best = trial.score end
  if not self.o.quiet and not self.o.terminal then
    self.o.write(("trial %d: %s: %s %s%s\n"):format(trial.number, board.line(trial), self.o.select, score(trial.mean),
      trial.stopped and ", " .. trial.stopped or trial.complete and best and ", best so far" or ""))
  end
  self:draw()
end

return board
