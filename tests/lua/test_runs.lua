-- moonlab runs: run folders read back.

local lu = require "luaunit"
local json = require "moonlab.json"
local lines = require "moonlab.runs.lines"
local support = require "support"
local synthetic = require "synthetic"
local vm = require "moonlab.vm"

TestLines = {}

local function three()
  local text = {}
  for i = 1, 3 do text[i] = lines.seal { { "epoch", i }, { "loss", 1 / i }, { "note", 'a "sum": b' } } end
  return table.concat(text, "\n") .. "\n"
end

function TestLines:test_what_is_written_is_read_back_and_is_json()
  local values, problems = lines.parse(three(), "log.jsonl")
  lu.assertEquals(problems, {})
  lu.assertEquals(values[3], { epoch = 3, loss = 1 / 3, note = 'a "sum": b' })
  lu.assertEquals(#json.decode(three():match "[^\n]+").sum, 16)
  lu.assertEquals(lines.parse(lines.seal {} .. "\n", "x"), { {} })
end

function TestLines:test_a_text_cut_anywhere_loses_the_torn_line_alone_and_it_is_named()
  local whole = three()
  for cut = 1, #whole - 1 do
    local text = whole:sub(1, cut)
    local _, complete = text:gsub("\n", "")
    local values, problems = lines.parse(text, "log.jsonl")
    lu.assertEquals(#values, complete)
    lu.assertEquals(problems, text:sub(-1) == "\n" and {} or { ("log.jsonl:%d: it is torn"):format(complete + 1) })
  end
end

function TestLines:test_a_flipped_bit_is_found_in_every_byte()
  local whole = three()
  local first = whole:find "\n"
  for at = 1, first - 1 do
    local text = whole:sub(1, at - 1) .. string.char(whole:byte(at) ~ 1) .. whole:sub(at + 1)
    local values, problems = lines.parse(text, "log.jsonl")
    lu.assertTrue(#values >= 2 and #values < 3, ("byte %d"):format(at))
    lu.assertStrMatches(problems[1], "log.jsonl:1: .*")
  end
end

function TestLines:test_a_line_after_a_torn_one_is_whole()
  support.with_folder(function(folder)
    local path = folder .. "/looks.jsonl"
    synthetic.write_file(path, three():sub(1, -5))
    lu.assertTrue(lines.append(path, { { "epoch", 4 } }))
    local values, problems = lines.parse(synthetic.read_file(path), "looks.jsonl")
    lu.assertEquals({ #values, values[3].epoch, problems }, { 3, 4, { "looks.jsonl:3: it is torn" } })
  end)
end

TestRuns = {}

-- A folder with two runs and a cross-validation in runs/; f(folder, run).
local function with_runs(f)
  support.with_folder(function(folder)
    synthetic.write(folder, { train = 40, test = 20 })
    synthetic.write_file(folder .. "/r.lua", synthetic.recipe { train = "{ batch = 20, epochs = 2, optimizer = ml.optim.adamw { lr = 0.01 } }" })
    local function run(line)
      local status, out, err = synthetic.run(folder, line)
      return { status = status, out = out, err = err }
    end
    for _, line in ipairs { "run r.lua --quiet", "run r.lua --quiet train.epochs=1" } do
      local r = run(line)
      lu.assertEquals(r.status, 0, r.err)
    end
    f(folder, run)
  end)
end

function TestRuns:test_lists_them_with_scores_and_status()
  with_runs(function(folder, run)
    local r = run "runs"
    lu.assertEquals(r.status, 0, r.err)
    lu.assertStrMatches(r.out, "run +when.*\nsmall%-1 +%d+%-%d+%-%d+ %d+:%d+ +multiclass +Sequential +done +test: accuracy %d%.%d+, f1_macro .*\nsmall%-2 .*\n")
    local first = json.decode(run "runs ls --json".out:match "[^\n]+")
    lu.assertEquals({ first.run, first.status, first.part, first.task }, { "runs/small-1", "done", "test", "multiclass" })
    lu.assertEquals(first.scores, json.decode(synthetic.read_file(folder .. "/runs/small-1/metrics.json")).test)
  end)
end

function TestRuns:test_damaged_folders_are_listed_as_such()
  with_runs(function(folder, run)
    local log = synthetic.read_file(folder .. "/runs/small-1/log.jsonl")
    synthetic.write_file(folder .. "/runs/small-1/log.jsonl", (log:gsub("0", "1", 1)))
    synthetic.write_file(folder .. "/runs/small-2/metrics.json", "{")
    vm.mkdir(folder .. "/runs/mine")
    local r = run "runs"
    lu.assertEquals(r.status, 0, r.err)
    lu.assertStrMatches(r.out, ".*small%-1 .*damaged.*small%-2 .*damaged.*runs/small%-1/log.jsonl:1: it was changed\nruns/small%-2/metrics.json: json: .*")
    lu.assertNil(r.out:find "mine")
    for _, line in ipairs { "runs show small-1", "runs show small-2 --json" } do lu.assertEquals(run(line).status, 0) end
  end)
end

-- Calls the subcommand in this process; what it prints is thrown away.
local function quiet(words, as_json)
  local old, sink = io.stdout, assert(io.open("/dev/null", "w"))
  io.stdout = sink
  local ok, problem = pcall(require "moonlab.command.runs", nil, { inputs = words, terminal = {}, json = as_json })
  io.stdout = old
  sink:close()
  return ok, problem
end

function TestRuns:test_whatever_stands_in_the_files_of_a_run_nothing_crashes()
  with_runs(function(folder)
    local a, b = folder .. "/runs/small-1", folder .. "/runs/small-2"
    local hostile = { "null", "[]", "{}", '"x"', "1e999", "[[1]]", '{"a": [1]}', "\0\255", "" }
    for _, name in ipairs { "config.json", "metrics.json", "record.json", "log.jsonl" } do
      local whole = synthetic.read_file(a .. "/" .. name)
      local texts = table.move(hostile, 1, #hostile, 1, { })
      for key in whole:gmatch '"([%w_]+)": ' do
        for i = 1, 7 do -- other values in the place of objects, lists, texts and numbers
          for _, old in ipairs { "%b{}", "%b[]", '"[^"]*"', "[%d.e-]+" } do texts[#texts + 1] = (whole:gsub('("' .. key .. '": )' .. old, "%1" .. hostile[i], 1)) end
        end
      end
      local seen = {}
      for i, text in ipairs(texts) do
        if not seen[text] and (i <= #hostile or i % 7 == 0) then
          seen[text] = true
          synthetic.write_file(a .. "/" .. name, text)
          for _, words in ipairs { { "ls", folder .. "/runs" }, { "show", a }, { "diff", a, b }, { "plot", a } } do
            local ok, problem = quiet(words, i % 2 == 0)
            lu.assertTrue(ok, ("%s %s: %s"):format(words[1], name, tostring(problem)))
          end
        end
      end
      synthetic.write_file(a .. "/" .. name, whole)
    end
  end)
end

function TestRuns:test_a_search_is_listed_with_its_last_run_and_an_unfinished_run_as_such()
  support.with_folder(function(folder)
    for _, line in ipairs { "new s", "search s.lua --quiet", "runs" } do
      local status, out, err = synthetic.run(folder, line)
      lu.assertEquals(status, 0, err)
      if line == "runs" then lu.assertStrMatches(out, ".*\ns%-search%-1 .* search +done +folds: .*\ns%-search%-1/final .*ml.logistic +done +test: auc.*") end
    end
    local record = folder .. "/runs/s-search-1/final/record.json"
    synthetic.write_file(record, (synthetic.read_file(record):gsub('"done"', '"running"')))
    local _, out = synthetic.run(folder, "runs show s-search-1/final")
    lu.assertStrContains(out, "unfinished")
  end)
end

function TestRuns:test_shows_one()
  with_runs(function(_, run)
    local r = run "runs show small-2"
    lu.assertEquals(r.status, 0, r.err)
    lu.assertStrContains(r.out, "train 32, valid 8, test 20")
    lu.assertStrContains(r.out, "overrides   train.epochs=1")
    lu.assertStrMatches(r.out, ".*\naccuracy +%d%.%d%d%d%d +0%.%d+\n.*")
    lu.assertEquals(json.decode(run "runs show runs/small-2 --json".out).config.train.epochs, 1)
  end)
end

function TestRuns:test_removes_runs_only_and_only_when_told_to()
  with_runs(function(folder, run)
    vm.mkdir(folder .. "/runs/mine")
    local r = run "runs rm small-1 mine --yes"
    lu.assertEquals(r.status, 4)
    lu.assertStrContains(r.err, "runs/mine is no run folder")
    r = run "runs rm small-1"
    lu.assertEquals(r.status, 2)
    lu.assertStrContains(r.err, "--yes")
    lu.assertEquals(vm.exists(folder .. "/runs/small-1"), "directory")
    r = run "runs rm small-1 runs/small-2/ --yes"
    lu.assertEquals({ r.status, r.out }, { 0, "removed runs/small-1\nremoved runs/small-2\n" })
    lu.assertEquals(vm.listdir(folder .. "/runs"), { "mine" })
  end)
end

function TestRuns:test_an_unknown_action_is_named_with_the_nearest()
  support.with_folder(function(folder)
    local status, _, err = synthetic.run(folder, "runs shwo x")
    lu.assertEquals(status, 2)
    lu.assertStrContains(err, "'show'")
  end)
end
