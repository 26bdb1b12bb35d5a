-- docs/library.md: the public names of lua/moonlab, from the comments above them.

local comments = require "library_comments"

local M = {}

-- What is shown, in order. module: all names of a module; members: documented functions of a file under another prefix;
-- whole: a file that is one name; methods: those of objects, with the name that an object has in the examples.
M.PAGES = {
  { title = "ml", module = { "ml.", "init.lua" }, whole = { { "ml.Function", "function.lua" } },
    text = "The ops stand in [ops.md](ops.md), the constructors in [tensors.md](tensors.md)." },
  { title = "ml.nn: layers and models", module = { "ml.nn.", "nn/init.lua" } },
  { title = "Models", methods = { { "model:", "nn/module.lua" }, { "model:", "nn/building.lua" }, { "model:", "nn/generation.lua" }, { "model:", "nn/state.lua" } },
    text = "Methods of everything that `nn` makes: layers, `nn.Sequential`, classes of one's own." },
  { title = "ml.optim: optimizers and schedules", module = { "ml.optim.", "optim/init.lua" } },
  { title = "Optimizers", methods = { { "opt:", "optim/optimizer.lua" } }, text = "Methods of what `ml.optim.sgd` and its kin give." },
  { title = "Averages of weights", methods = { { "ema:", "optim/ema.lua" } }, text = "Methods of what `ml.optim.ema` gives." },
  { title = "Schedules", methods = { { "schedule:", "optim/schedule.lua" } } },
  { title = "ml.data: where rows come from", module = { "ml.data.", "data/init.lua" } },
  { title = "Data sets", methods = { { "set:", "data/dataset.lua" }, { "set:", "data/concat.lua" } },
    text = "Methods of `source.train`, `source.test`, and of what `data.tensors` and `data.dataset` give. `#set` is the number of rows." },
  { title = "Tables", methods = { { "t:", "table/table.lua" }, { "t:", "table/order.lua" }, { "t:", "table/describe.lua" } },
    text = "Methods of what `data.table` and the readers of files give. `t.names` are the names of the columns, `t.age` or `t[\"last name\"]` is one, `#t` the number of rows." },
  { title = "Columns", methods = { { "c:", "table/column.lua" }, { "c:", "table/statistics.lua" } },
    text = "Methods of the columns of tables. `c.type` is \"number\", \"integer\", \"boolean\", \"text\", \"time\" or \"category\", `c.name` its name, `#c` the number of rows." },
  { title = "Operations on columns", methods = { { "c:", "table/operations/arithmetic.lua" }, { "c:", "table/operations/logic.lua" },
      { "c:", "table/operations/choice.lua" }, { "c:", "table/operations/category.lua" }, { "c:", "table/operations/text.lua" }, { "c:", "table/operations/time.lua" } },
    text = "Row by row; a missing value gives a missing one. The same in functions of columns, which are recorded: `t:filter(function(c) return c.age:gt(18) end)`." },
  { title = "Expressions", methods = { { "e:", "table/expression.lua" } },
    text = "What a recorded function of columns becomes; a recipe keeps it with its model." },
  { title = "Sources of tables", methods = { { "source:", "data/table_source.lua" } },
    text = "Methods of what `data.csv`, `data.jsonl`, `data.sqlite` and `data.parquet` give." },
  { title = "Profiles", methods = { { "profile:", "profile/profile.lua" } },
    text = "Methods of what `source:profile`, `t:profile` and `set:profile` give; `moonlab data` makes the same of a recipe or a file." },
  { title = "ml.features: from columns to x", module = { "ml.features.", "features/init.lua" } },
  { title = "ml.split: cutting into parts", module = { "ml.split.", "split/init.lua" } },
  { title = "Cross-validation", members = { { "ml.", "split/kfold.lua" }, { "ml.", "split/chunks.lua" },
    { "ml.", "split/leave_out.lua" }, { "ml.", "split/time_series_folds.lua" } }, methods = { { "cv:", "split/spec.lua" } },
    text = "`ml.kfold` and the others are those of `ml.split`. What they and their kin give, here `cv`, is a spec with two methods." },
  { title = "ml.linalg: made of the factorisations", module = { "ml.linalg.", "linalg.lua" } },
  { title = "ml.fft: planes and frequencies", module = { "ml.fft.", "fft.lua" } },
  { title = "ml.sparse: matrices that are nearly all zeros", module = { "ml.sparse.", "sparse.lua" } },
  { title = "Short-time spectra", members = { { "ml.", "spectrum.lua" } } },
  { title = "Classical models", whole = { { "ml.linear", "classical/linear.lua" }, { "ml.ridge", "classical/ridge.lua" }, { "ml.lasso", "classical/lasso.lua" },
    { "ml.elastic_net", "classical/elastic_net.lua" }, { "ml.logistic", "classical/logistic.lua" }, { "ml.poisson", "classical/poisson.lua" },
    { "ml.quantile_regression", "classical/quantile_regression.lua" },
    { "ml.knn", "classical/knn.lua" }, { "ml.naive_bayes", "classical/naive_bayes.lua" }, { "ml.kmeans", "classical/kmeans.lua" }, { "ml.baseline", "classical/baseline.lua" } },
    methods = { { "model:", "classical/model.lua" } },
    text = "Models with solvers of their own. They are modules as those of `ml.nn`: saved, loaded and evaluated alike, but fitted at once, by `model:fit`." },
  { title = "ml.metrics: scores", module = { "ml.metrics.", "metrics/init.lua" } },
  { title = "ml.metrics: rows with any number of labels", members = { { "ml.metrics.", "metrics/labels.lua" } },
    text = "Row by row; the means over labels (f1_macro, auc_micro and so on) stand with those of classes. Predicted and actual are 0 and 1, [N, labels]." },
  { title = "ml.metrics: classes that were answered", members = { { "ml.metrics.", "metrics/confusion.lua" } },
    text = "All from one confusion matrix. Class 2 of two is the one that is looked for; { class = 3 } looks for another. A mean of classes is nil where one of them is undefined." },
  { title = "ml.metrics: the order of scores", members = { { "ml.metrics.", "metrics/ranking.lua" } } },
  { title = "ml.metrics: probabilities", members = { { "ml.metrics.", "metrics/probability.lua" } } },
  { title = "ml.metrics: numbers", members = { { "ml.metrics.", "metrics/values.lua" } } },
  { title = "ml.metrics: boxes", members = { { "ml.metrics.", "metrics/boxes.lua" } } },
  { title = "ml.assess: what a score is worth", module = { "ml.assess.", "assess/init.lua" } },
  { title = "Calibrators and thresholds", methods = { { "calibrator:", "assess/calibration.lua" }, { "threshold:", "assess/threshold.lua" } },
    text = "Methods of what `ml.assess.calibrate` and `ml.assess.threshold` give." },
  { title = "ml.plot: plots", module = { "ml.plot.", "plot/init.lua" } },
  { title = "Plots", methods = { { "plot:", "plot/plot.lua" } }, text = "Methods of what the functions of `ml.plot` give." },
  { title = "ml.help", module = { "ml.help.", "help.lua" } },
  { title = "Recipes", whole = { { "ml.recipe", "recipe.lua" } }, fields = "recipe/schema.lua" },
  { title = "Sums of products", members = { { "ml.", "einsum.lua" } } },
  { title = "Vectors and diagonals", members = { { "ml.", "vectors.lua" } } },
  { title = "Quantiles", members = { { "ml.", "quantiles.lua" } } },
  { title = "Writing at positions", members = { { "ml.", "index_put.lua" } } },
  { title = "Spaces", members = { { "ml.", "space.lua" } },
    text = "Values that stand in a recipe for one that may vary. Each gives one of its values at once." },
  { title = "Searching and cross-validating by hand", whole = { { "ml.search", "search/by_hand.lua" }, { "ml.cross_validate", "assess/cross_validate.lua" } } },
}

-- Not of use outside of the library itself.
M.INTERNAL = {}
for name in ([[model:run_shapes model:kind model:configure model:set model:input model:mean_of model:check_alpha c:renamed c:parts c:gather c:gather_or_missing c:missing_mask c:present c:codes opt:option_names opt:numbers_kept schedule:option_names ml.begin ml.resume ml.recorded ml.shown ml.text set:kind ml.nn.init.pick
  ml.nn.init.default_weight ml.nn.init.default_bias]]):gmatch "%S+" do M.INTERNAL[name] = true end

local LIBRARY = "lua/moonlab/"

-- The pages with their entries: a list of { title =, text =, entries = }.
function M.collect()
  local pages = {}
  for i, page in ipairs(M.PAGES) do
    local list, head = {}, nil
    if page.module then list, head = comments.module(page.module[1], LIBRARY .. page.module[2], list) end
    for _, m in ipairs(page.members or {}) do comments.module(m[1], LIBRARY .. m[2], list) end
    for _, w in ipairs(page.whole or {}) do comments.whole(w[1], LIBRARY .. w[2], list) end
    for _, m in ipairs(page.methods or {}) do comments.methods(m[1], LIBRARY .. m[2], list) end
    local shown = {}
    for _, entry in ipairs(list) do
      if not M.INTERNAL[entry.name] then shown[#shown + 1] = entry end
    end
    pages[i] = { title = page.title, text = page.text or "", head = page.module and head and table.concat(head.text, "\n"),
      entries = shown, fields = page.fields and dofile(LIBRARY .. page.fields) }
  end
  return pages
end

-- Formulas and lists keep their lines: an indented line starts a text block.
local function prose(text)
  local out, block = {}, false
  for line in (text .. "\n"):gmatch "(.-)\n" do
    local is_block = line:find "^  " ~= nil
    if is_block ~= block then
      out[#out + 1] = is_block and "\n```text" or "```\n"
      block = is_block
    end
    out[#out + 1] = is_block and line:gsub("^  ", "") or line
  end
  if block then out[#out + 1] = "```" end
  return (table.concat(out, "\n"):gsub("\n\n+", "\n\n"):gsub("^%s+", ""):gsub("%s+$", ""))
end
M.prose = prose

function M.form(e) return e.group and e.name or e.args and ("%s(%s)"):format(e.name, e.args) or e.name end

-- Calls that stand on one line, apart by three blanks, get lines of their own; the indent of the comment goes.
function M.usage(text)
  local lines = {}
  for line in (text .. "\n"):gmatch "(.-)\n" do
    line = line:gsub("^  ", "")
    if not line:find "^%s" then line = line:gsub("   +(%S)", "\n%1"):gsub("\n%-%-", "   --") end
    if line ~= "" or #lines > 0 then lines[#lines + 1] = line end
  end
  return table.concat(lines, "\n")
end

local function entry(out, e)
  local function add(...) out[#out + 1] = string.format(...) end
  add("### `%s`\n", M.form(e))
  if e.text ~= "" then add("%s\n", prose(e.text)) end
  for _, p in ipairs(e.params) do add("- `%s`: %s", p.name, p.text) end
  if #e.params > 0 then add("") end
  if e.shape then add("Shape: %s\n", e.shape) end
  if e.returns then add("Gives: %s\n", (e.returns:gsub("\n", "; "))) end
  if e.error then add("Errors: %s\n", (e.error:gsub("\n", "; "))) end
  if e.usage then add("```lua\n%s\n```\n", M.usage(e.usage)) end
end

local function field_type(f)
  local kind = f.type
  if type(kind) == "table" and kind.any_of then return table.concat(kind.any_of, " or ") end
  if type(kind) == "table" then return '"' .. table.concat(kind, '", "') .. '"' end
  if kind == "list" then kind = "list of " .. (type(f.of) == "table" and table.concat(f.of.any_of, " or ") or f.of) end
  return (kind:gsub("spec:(%w+)", "%1"))
end

-- The fields of a recipe, as recipe/schema.lua declares them.
local function field_rows(out, fields, prefix)
  for _, f in ipairs(fields) do
    local name, notes = prefix .. f[1], {}
    if f.type == "section" then
      out[#out + 1] = ("| `%s` | | %s |"):format(name, f.doc)
      field_rows(out, f.fields, name .. ".")
    else
      if f.required then notes[#notes + 1] = "required" end
      if f.default ~= nil and type(f.default) ~= "table" then notes[#notes + 1] = "default " .. tostring(f.default) end
      if f.range then notes[#notes + 1] = f.range[2] and ("%s to %s"):format(f.range[1], f.range[2]) or "from " .. f.range[1] end
      local note = #notes > 0 and " (" .. table.concat(notes, ", ") .. ")" or ""
      out[#out + 1] = ("| `%s` | %s%s | %s |"):format(name, field_type(f):gsub("|", "\\|"), note, f.doc)
    end
  end
end

-- The same as lines of text, for help.
function M.field_lines(fields)
  local rows, lines = {}, {}
  field_rows(rows, fields, "")
  for i, row in ipairs(rows) do
    local name, kind, doc = row:match "^| `(.-)` | (.-)%s?| (.*) |$"
    lines[i] = ("  %-16s %s%s"):format(name, doc, kind ~= "" and "  [" .. kind .. "]" or "")
  end
  return table.concat(lines, "\n")
end

local HEAD = [[
# Library

The names of `require "moonlab"` that are written in Lua, from the comments in `lua/moonlab/`. An options table is written
`{ name = default }`; unknown options are errors that name the nearest one.
]]

function M.markdown(pages, note)
  local out = { note:format "the comments of lua/moonlab/", HEAD }
  for _, page in ipairs(pages) do
    out[#out + 1] = "## " .. page.title .. "\n"
    if page.head then out[#out + 1] = prose(page.head) .. "\n" end
    if page.text ~= "" then out[#out + 1] = page.text .. "\n" end
    for _, e in ipairs(page.entries) do entry(out, e) end
    if page.fields then
      out[#out + 1] = "### Fields of a recipe\n\n| field | type | meaning |\n|---|---|---|"
      field_rows(out, page.fields, "")
      out[#out + 1] = ""
    end
  end
  return table.concat(out, "\n")
end

return M
