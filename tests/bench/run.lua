-- make bench: our figures beside the peer's, run in turn on the same cores, as tables in Markdown.
--   moonlab tests/bench/run.lua [--write docs/performance.md] [--rounds N] [--only train|ops|files|scores|classical|commands|start] [--workloads mlp,cnn]

package.path = package.path .. ";tests/bench/?.lua"
local core = require "moonlab.core"
local ml = require "moonlab"
local peer = require "peer"

local binary, options = arg[-1], { rounds = 3 }
for i = 1, #arg, 2 do options[arg[i]:match "^%-%-(%w+)$"] = tonumber(arg[i + 1]) or arg[i + 1] end

local function median(list)
  table.sort(list)
  return list[(#list + 1) // 2]
end

local lines = {}
local function say(format, ...)
  lines[#lines + 1] = format:format(...)
  print(lines[#lines])
end

local MODES = { "", "--best", "--best --compile" } -- of the peer; the fastest of a round counts
local WORKLOADS = { { "mlp", 300 }, { "cnn", 40 }, { "resnet", 30 }, { "lstm", 60 }, { "vit", 60 }, { "gpt", 40 } }

local function wanted(name)
  return not options.workloads or ("," .. options.workloads .. ","):find("," .. name .. ",", 1, true)
end

-- What this many threads could do at most, FLOP/s; measured when it is quiet around us, or nearly: the best of some.
local function peak(threads)
  core.threads(threads)
  local best = 0
  for _ = 1, 5 do best = math.max(best, core.fma_peak()) end
  return best
end

-- Each round runs ours, then each mode of the peer's; a ratio is that of one round.
local function training(name, threads, steps, most)
  local ours, theirs, ratios, added, their_added, flops = {}, {}, {}, 0, math.huge, 0
  for _ = 1, options.rounds do
    local row = peer.rows(("%s tests/bench/train.lua %s --threads %d --steps %d"):format(binary, name, threads, steps))[1]
    if not row then return say("| %s, %d | does not run | | | | | |", name, threads) end
    ours[#ours + 1], flops = row.ms_per_step, 3 * row.forward_flops -- backward does about twice the forward's work
    added = math.max(added, row.peak_mb - row.started_mb)
    local fastest = math.huge
    for _, mode in ipairs(peer.available and MODES or {}) do
      local one = peer.train(name, threads, steps, mode)
      if one then fastest, their_added = math.min(fastest, one.ms_per_step), math.min(their_added, one.added_mb) end
    end
    theirs[#theirs + 1], ratios[#ratios + 1] = fastest, fastest / row.ms_per_step
  end
  local ms = median(ours)
  local share = 100 * flops / (ms * 1e-3) / most
  if not peer.available then return say("| %s, %d | %.3f ms | – | – | %.0f %% | %.0f MB | – |", name, threads, ms, share, added) end
  say("| %s, %d | %.3f ms | %.3f ms | **%.2f** | %.0f %% | %.0f MB | %.0f MB |", name, threads, ms, median(theirs), median(ratios), share, added, their_added)
end

local function trainings()
  say("## Training steps\n")
  say("The networks, batches, optimizer and data of the peer's script; its fastest of eager, `--best` and `--best --compile` (after the")
  say("warm-up) counts. Peak: share of what the cores can do in fused multiply-adds, counting the products that the definition asks")
  say("for (Winograd does with fewer). Memory: resident, what training adds to the started process.\n")
  say("| workload, threads | Moonlab | PyTorch | ratio | of peak | our memory | its memory |")
  say("|---|---|---|---|---|---|---|")
  for _, threads in ipairs { 2, 1 } do
    local most = peak(threads)
    for _, w in ipairs(WORKLOADS) do
      if wanted(w[1]) then training(w[1], threads, w[2], most) end
    end
  end
end

-- The best of all rounds on each side.
local function operations()
  local ours, theirs, order = {}, {}, {}
  local function note(into, rows)
    for _, row in ipairs(rows) do
      if into == ours and not ours[row.op] then order[#order + 1] = row.op end
      into[row.op] = math.min(into[row.op] or math.huge, row.us)
    end
  end
  for _ = 1, options.rounds do
    note(ours, peer.rows(binary .. " tests/bench/ops.lua"))
    if peer.available then note(theirs, peer.ops(2)) end
  end
  say("\n## Single operations\n")
  say("2 threads; the best of all rounds. `fb`: forward and backward.\n")
  say("| operation | Moonlab, µs | PyTorch, µs | ratio |")
  say("|---|---|---|---|")
  local ahead, rows, worst = 0, 0, math.huge
  for _, name in ipairs(order) do
    local ratio = theirs[name] and theirs[name] / ours[name]
    if ratio then ahead, rows, worst = ahead + (ratio >= 1 and 1 or 0), rows + 1, math.min(worst, ratio) end
    say("| %s | %.2f | %s | %s |", name, ours[name], theirs[name] and ("%.2f"):format(theirs[name]) or "–", ratio and ("%.2f"):format(ratio) or "–")
  end
  if rows > 0 then say("\nAhead on %d of %d rows; the worst ratio is %.2f.", ahead, rows, worst) end
end

local function starts()
  say("\n## Starting\n")
  for _, command in ipairs { "-e 'print(1)'", "check recipes/fashion_cnn.lua" } do
    local times = {}
    for i = 1, 11 do
      local began = ml.clock()
      os.execute(binary .. " " .. command .. " >/dev/null")
      times[i] = (ml.clock() - began) * 1e3
    end
    say("- `moonlab %s`: %.1f ms", command, median(times))
  end
end

-- The first row of the peer's whose fields are these.
local function peer_row(rows, figure, what)
  for _, row in ipairs(rows) do
    if row.figure == figure and row.what:find(what, 1, true) then return row end
  end
end

-- A whole process of the peer's reads the table; the time and memory of its import alone are taken off.
local function tables(rows, folder)
  local path = folder .. "/bench_2000000.csv"
  say("| CSV of 2,000,000 x 12, 2 threads | MB/s | memory added |")
  say("|---|---|---|")
  local best
  for _ = 1, options.rounds do
    local row = peer.rows(("%s --threads 2 tests/bench/files.lua table %s"):format(binary, path))[1]
    if not best or row.seconds < best.seconds then best = row end
  end
  say("| Moonlab, types found out | %.0f | %.0f MB |", best.mb / best.seconds, best.added_mb)
  for _, name in ipairs { "polars", "pandas" } do
    local start, read = peer_row(rows, "start", "import " .. name), peer_row(rows, "csv", name)
    local rate = read.mb / (read.seconds - start.seconds)
    say("| %s | %.0f (ratio **%.2f**) | %d MB |", name, rate, best.mb / best.seconds / rate, read.peak_mb - start.peak_mb)
  end
end

-- Each round reads with ours, then with the peer's, each in a process of its own; the best of the rounds counts on each side.
local function formats(csv)
  local paths = peer.formats(csv)
  if #paths == 0 then return say("\nThe same table in other formats: polars is not installed.") end
  say("\n| the same table, 2 threads | file | Moonlab | polars | ratio |")
  say("|---|---|---|---|---|")
  for _, path in ipairs(paths) do
    local ours, theirs, mb = math.huge, math.huge, 0
    for _ = 1, options.rounds do
      local row = peer.rows(("%s --threads 2 tests/bench/files.lua table %s"):format(binary, path))[1]
      ours, theirs, mb = math.min(ours, row.seconds), math.min(theirs, peer.read_table(path).seconds), row.mb
    end
    say("| %s | %.0f MB | %.0f MB/s | %.0f MB/s | **%.2f** |", path:match "%.(.*)$", mb, mb / ours, mb / theirs, theirs / ours)
  end
end

local PICTURES = { { "full", "files of 128x128", "128 x 128, all pixels" }, { "full, resized", "resized to 160x120, one thread", "640 x 480, all pixels, to 160 x 120" },
  { "reduced", "with draft", "640 x 480 to 160 x 120, decoded reduced" } }

local function pictures(rows)
  local ours = {}
  for _, row in ipairs(peer.rows(("%s tests/bench/files.lua jpeg %s/../data"):format(binary, peer.scripts))) do ours[row.what] = row.per_s end
  say("\n| JPEG, one thread | Moonlab, files/s | Pillow, files/s | ratio |")
  say("|---|---|---|---|")
  for _, one in ipairs(PICTURES) do
    local theirs = peer_row(rows, "jpeg", one[2]).per_s
    say("| %s | %.0f | %.0f | **%.2f** |", one[3], ours[one[1]], theirs, ours[one[1]] / theirs)
  end
end

-- What decoding costs a training.
local function training(folder)
  local root = os.getenv "MOONLAB_DATA" or peer.scripts .. "/../data"
  local row = peer.rows(("%s tests/bench/files.lua training %s %s/pictures"):format(binary, root, folder))[1]
  say("\nA small residual network (recipes/flowers.lua) on 64x64 pictures out of JPEG files of 128x128 (%s):\n", row.pictures)
  say("| loader alone, files/s | training from memory, rows/s | from files, rows/s | time, files / memory |")
  say("|---|---|---|---|")
  say("| %.0f | %.0f | %.0f | **%.2f** |", row.loader, row.memory, row.files, row.memory / row.files)
end

local function files()
  local folder = os.tmpname()
  os.remove(folder)
  os.execute("mkdir " .. folder)
  local rows = peer.files(folder)
  say("\n## Reading files\n")
  if #rows == 0 then
    say("The peer's script is not there.")
  else
    say("Measured on %s. The start of each side's process is left out: of the peer's, the import of the library alone.\n", os.date "%Y-%m-%d")
    tables(rows, folder)
    formats(folder .. "/bench_2000000.csv")
    pictures(rows)
  end
  training(folder)
  os.execute("rm -r " .. folder)
end

-- The fastest row of each task, by its name.
local function keep_fastest(into, rows)
  for _, row in ipairs(rows) do
    if not into[row.task] or row.seconds < into[row.task].seconds then into[row.task] = row end
  end
end

-- The peer prints five digits. Its share of variance comes of sums of 60,000 products in float32: in float64 it is 0.862692, there 0.86267.
local TOLERANCES = { auc = 1e-5, f1 = 1e-5, n = 0, rmse = 1e-5, alphas = 0, var = 3e-5, right = 0, inertia_millions = 2e-5 }

local function assert_equal_scores(a, b)
  for score, tolerance in pairs(TOLERANCES) do
    assert(not b[score] or math.abs(a[score] - b[score]) <= tolerance, a.task .. ": the scores differ")
  end
end

-- Both score the same numbers; the best of the rounds counts on each side, each in a process of its own.
local function compare_scores(folder)
  local ours, theirs = {}, {}
  for _ = 1, options.rounds do
    keep_fastest(ours, peer.rows(("%s --threads 2 tests/bench/assess.lua %s"):format(binary, folder)))
    keep_fastest(theirs, peer.sklearn "_1M")
  end
  say("A million rows, 2 threads; equal scores are asserted.\n")
  say("| task | Moonlab | scikit-learn | ratio |")
  say("|---|---|---|---|")
  for _, task in ipairs { "auc_1M", "confusion_1M" } do
    local a, b = ours[task], theirs[task]
    assert_equal_scores(a, b)
    say("| %s | %.1f ms | %.1f ms | **%.1f** |", task, a.seconds * 1e3, b.seconds * 1e3, b.seconds / a.seconds)
  end
end

local function scores()
  local folder = os.tmpname()
  os.remove(folder)
  os.execute("mkdir " .. folder)
  say("\n## Scores\n")
  if peer.draw_scores(folder) then compare_scores(folder) else say("The peer's script or NumPy is not there.") end
  os.execute("rm -r " .. folder)
end

local LINEAR = { "adult_logistic_fit", "california_ols_cv10", "california_ridge_cv10", "california_lasso_cv10", "california_elastic_cv10",
  "lasso_path_2000x5000", "fashion_logistic_100it", "fashion_pca50",
  "fashion_knn5", "fashion_kmeans10" }

-- After as many iterations ours must have found as much: they need not be the same.
local function assert_accuracy(a, b)
  for _, score in ipairs { "acc", "test_acc" } do assert(not b[score] or a[score] >= b[score] - 1e-4, a.task .. ": the accuracy is lower") end
end

local function linear_models()
  say("\n## Linear models\n")
  local ours, theirs = {}, {}
  for _ = 1, options.rounds do
    keep_fastest(ours, peer.rows(("%s --threads 2 tests/bench/classical.lua"):format(binary)))
    for _, group in ipairs { "adult_logistic_fit", "california", "lasso_path", "fashion_logistic", "fashion_pca" } do keep_fastest(theirs, peer.sklearn(group)) end
    keep_fastest(theirs, peer.neighbours())
  end
  if not next(theirs) then return say("The peer's script or scikit-learn is not there.") end
  say("Two threads on our side, as many as it takes on the other; equal scores are asserted, of Fashion-MNIST (100 iterations) one no lower.\n")
  say("| task | Moonlab | scikit-learn | ratio |")
  say("|---|---|---|---|")
  for _, task in ipairs(LINEAR) do
    local a, b = ours[task], theirs[task]
    assert_equal_scores(a, b)
    assert_accuracy(a, b)
    say("| %s | %.3f s | %.3f s | **%.1f** |", task, a.seconds, b.seconds, b.seconds / a.seconds)
  end
end

local processor = peer.output "grep -m1 'model name' /proc/cpuinfo":match ":%s*(.-)%s*\n" or "unknown processor"
local _, isa = core.backend()
say("Machine: %s, %s cores, kernels for %s; %s. Peer: %s. Medians of %d rounds in which both ran in turn.\n", processor,
  peer.output "nproc":match "%d+", isa, os.date "%Y-%m-%d", peer.available and "PyTorch " .. peer.version or "none", options.rounds)
for _, part in ipairs { { "train", trainings }, { "ops", operations }, { "start", starts }, { "files", files }, { "scores", scores }, { "classical", linear_models },
  { "commands", function() require "commands"(say, binary, options.rounds) end } } do
  if not options.only or options.only == part[1] then part[2]() end
end

-- Text as a head and its "## " sections in order: { head =, { title, text }, ... }.
local function sections_of(text)
  local out, at = {}, ("\n" .. text):find("\n## ", 1, true)
  out.head = text:sub(1, (at or #text + 1) - 1)
  while at do
    local next_at = text:find("\n## ", at, true)
    local body = text:sub(at, next_at or #text)
    out[#out + 1] = { body:match "^## ([^\n]*)", body }
    at = next_at and next_at + 1
  end
  return out
end

-- The sections that were measured take the place of those of the same title; the others stay as they were.
local function with_measured(old, new)
  local at = {}
  for i, section in ipairs(old) do at[section[1]] = i end
  for _, section in ipairs(new) do
    at[section[1]] = at[section[1]] or #old + 1
    old[at[section[1]]] = section
  end
  local texts = {}
  for i, section in ipairs(old) do texts[i] = section[2]:gsub("%s+$", "") end
  return table.concat(texts, "\n\n")
end

-- The page keeps what people wrote below the mark.
if options.write then
  local file = io.open(options.write)
  local page = file and file:read "a" or ""
  if file then file:close() end
  local kept = page:match "(<!%-%- written by hand from here on %-%->.*)" or ""
  local old, new = sections_of(page:sub(1, #page - #kept)), sections_of(table.concat(lines, "\n") .. "\n")
  local head = options.only and old.head ~= "" and old.head
    or "# Performance\n\nWritten by `make bench` (tests/bench/run.lua --write docs/performance.md). A ratio above 1: Moonlab is faster. "
      .. "Shared machines are noisy: the\nratio counts.\n\n" .. new.head
  file = assert(io.open(options.write, "w"))
  file:write(head, with_measured(old, new), "\n\n", kept)
  file:close()
end
