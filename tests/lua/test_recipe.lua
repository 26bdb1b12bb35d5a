-- ml.recipe: fields, overrides, spaces, names that are nearly right.

local ml = require "moonlab"
local lu = require "luaunit"
local support = require "support"
local synthetic = require "synthetic"
local space = require "moonlab.space"
local override = require "moonlab.recipe.override"
local suggest = require "moonlab.suggest"

local function fields(changes)
  local given = {
    name = "small", task = "multiclass", data = { source = ml.data.fashion_mnist() },
    model = ml.nn.Sequential { ml.nn.Flatten(), ml.nn.Linear(10) },
    train = { optimizer = ml.optim.adamw { lr = 0.01, schedule = ml.optim.cosine { warmup = 1 } } },
  }
  for name, value in pairs(changes or {}) do given[name] = value end
  return given
end

local function recipe(changes)
  local made = ml.recipe(fields(changes))
  return made
end

local function refuses(expected, changes)
  support.fails(expected, function()
    local made = ml.recipe(fields(changes))
    return made
  end)
end

TestRecipe = {}

function TestRecipe:test_fills_in_defaults()
  local f = recipe().fields
  lu.assertEquals({ f.train.batch, f.train.epochs, f.split.valid, f.split.stratify, f.seed }, { 64, 10, 0.1, false, 0 })
end

function TestRecipe:test_leaves_the_table_it_was_given_alone()
  local given = fields()
  local made = ml.recipe(given)
  made.fields.train.epochs = 99
  lu.assertNil(given.train.epochs)
  lu.assertNil(given.split)
end

function TestRecipe:test_names_the_nearest_field()
  refuses("unknown field 'modle'; did you mean 'model'?", { modle = 1 })
end

function TestRecipe:test_names_the_nearest_field_of_a_section()
  refuses("train: unknown field 'epoch'; did you mean 'epochs'?",
    { train = { epoch = 3, optimizer = ml.optim.sgd {} } })
end

function TestRecipe:test_says_which_field_is_missing()
  local given = fields()
  given.task = nil
  support.fails("the recipe has no 'task': What kind of answer is asked for: which losses and metrics are legal.",
    function()
    local made = ml.recipe(given)
    return made
  end)
end

function TestRecipe:test_refuses_a_fraction_of_an_epoch()
  refuses("'train.epochs' must be a whole number, got 1.5", { train = { epochs = 1.5, optimizer = ml.optim.sgd {} } })
end

function TestRecipe:test_refuses_a_value_out_of_range()
  refuses("'split.valid' must be from 0 to 0.9, got 2", { split = { valid = 2 } })
end

function TestRecipe:test_refuses_an_unknown_task()
  local ok, message = pcall(recipe, { task = "binari" })
  lu.assertFalse(ok)
  lu.assertStrContains(message, "did you mean 'binary'?")
end

function TestRecipe:test_refuses_a_number_for_a_model()
  refuses("'model' must be a module, as nn.Sequential{...} gives, got 3", { model = 3 })
end

function TestRecipe:test_refuses_a_name_that_leads_out_of_the_folder()
  refuses([['name' names a folder: letters, digits, '-', '_' and '.', not "../x"]], { name = "../x" })
end

function TestRecipe:test_gives_the_line_of_a_wrong_field()
  support.with_folder(function(folder)
    local path = folder .. "/r.lua"
    local file = assert(io.open(path, "w"))
    file:write [[
local ml = require "moonlab"

return ml.recipe {
  name = "x",
  task = "binary",
  data = {
    sorce = 1,
  },
}
]]
    file:close()
    local loader = require "moonlab.recipe.file"
    local ok, e = pcall(loader.load, path, {})
    lu.assertFalse(ok)
    lu.assertEquals(e.message, path .. ":7: data: unknown field 'sorce'; did you mean 'source'?")
    lu.assertEquals(e.status, 1)
  end)
end

TestOverride = {}

local function applied(...)
  local made = recipe()
  for _, text in ipairs { ... } do override.apply(made.fields, text) end
  return made.fields
end

local function usage(expected, text)
  local ok, e = pcall(applied, text)
  lu.assertFalse(ok)
  lu.assertEquals(e.message, text .. ": " .. expected)
  lu.assertEquals(e.status, 2)
end

function TestOverride:test_is_parsed_by_the_type_of_the_field()
  local f = applied("train.epochs=3", "split.stratify=true", "name=other", "assess.metrics=accuracy,f1_macro",
    "train.clip=0.5")
  lu.assertEquals({ f.train.epochs, f.split.stratify, f.name, f.assess.metrics, f.train.clip },
    { 3, true, "other", { "accuracy", "f1_macro" }, 0.5 })
end

function TestOverride:test_reaches_into_the_optimizer()
  local f = applied("train.optimizer.lr=0.5", "train.optimizer.schedule.warmup=2")
  lu.assertEquals(f.train.optimizer.options.lr, 0.5)
  lu.assertEquals(f.train.optimizer.options.schedule.options.warmup, 2)
end

function TestOverride:test_sets_a_threshold()
  lu.assertEquals(applied("problem.accept.accuracy=0.5").problem.accept,
    { accuracy = 0.5 })
end

function TestOverride:test_names_the_nearest_path()
  usage("unknown field 'epoch'; did you mean 'train.epochs'?", "train.epoch=3")
  usage("unknown field 'trian'; did you mean 'train.epochs'?", "trian.epochs=3")
  usage("unknown field 'epochs'; did you mean 'train.epochs'?", "epochs=3")
  usage("unknown field 'lrr'; did you mean 'train.optimizer.lr'?", "train.optimizer.lrr=3")
end

function TestOverride:test_refuses_a_value_of_the_wrong_type()
  usage([[train.epochs must be a whole number, got "three"]], "train.epochs=three")
  usage("train.epochs must be at least 1, got 0", "train.epochs=0")
  usage("model can't be given on the command line; write it in the recipe", "model=3")
end

-- A recipe with a model that is solved, with overrides.
local function solved(...)
  local features = ml.features
  local made = ml.recipe { name = "s", task = "binary", data = { source = ml.data.table { x = { 1, 2 }, y = { "a", "b" } }, target = "y" },
    features = { features.standardize(), features.pca(2), features.clip(), features.clip() }, model = ml.logistic { C = 2, tol = 1e-9 } }
  for _, text in ipairs { ... } do override.apply(made.fields, text) end
  return made.fields
end

function TestOverride:test_reaches_into_a_model_that_is_solved()
  local before, after = solved().model, solved("model.C=3", "model.penalty=l1").model
  lu.assertEquals({ after.settings.C, after.settings.penalty, after.settings.tol, before.settings.C }, { 3, "l1", 1e-9, 2 })
end

function TestOverride:test_reaches_into_features_and_switches_one_off()
  local f = solved("features.pca.n=1", "features.standardize=false").features
  lu.assertEquals({ f[2].options.n, f[2].off, f[1].off, #f }, { 1, nil, true, 4 })
end

function TestOverride:test_of_a_model_or_a_feature_is_as_strict_as_their_constructors()
  for text, expected in pairs {
    ["model.penalti=l1"] = "ml.logistic: unknown option 'penalti'; did you mean 'penalty'?", ["model.C=-1"] = "ml.logistic: C must be a number above 0, got -1",
    ["model.penalty=l4"] = "ml.logistic: penalty: unknown word 'l4'; did you mean 'l2'?", ["model.C.x=1"] = "C has no fields of its own",
    ["features.pca.whitn=1"] = "features.pca: unknown option 'whitn'; did you mean 'whiten'?", ["features.pac.n=1"] = "unknown feature 'pac'; did you mean 'pca'?",
    ["features.pca=3"] = "an option of it is written features.pca.option=value; features.pca=false switches it off",
    ["features.clip.factor=1"] = "features.clip stands in the recipe more than once: write ml.grid {...} where the value stands, which gives it a name "
      .. "for the command line",
  } do
    local ok, e = pcall(solved, text)
    lu.assertFalse(ok, text)
    lu.assertEquals({ e.message, e.status }, { text .. ": " .. expected, 2 })
  end
  usage("the model is a network, whose layers have no names on the command line: write ml.grid {...} where the value stands, which gives it a name "
    .. "for the command line", "model.width=3")
  usage("the recipe gives no features", "features.pca.n=3")
end

TestSpace = {}

function TestSpace:test_gives_plain_values()
  lu.assertEquals({ ml.grid { 0.3, 0.5 }, ml.choice { "a", "b" }, ml.uniform(0, 1), ml.int_uniform(1, 4) },
    { 0.3, "a", 0.5, 2 })
  lu.assertEquals(ml.log_uniform(1e-4, 1e-2), 0.001)
  lu.assertEquals(ml.grid { false, 8 }, false)
end

function TestSpace:test_records_what_was_asked_for_in_order()
  space.begin()
  local _ = { ml.grid { 1, 2, name = "width" }, lr = ml.log_uniform(1e-4, 1e-2) }
  lu.assertEquals(space.recorded(), {
    { kind = "grid", values = { 1, 2 }, value = 1, index = 1, name = "width" },
    { kind = "log_uniform", low = 1e-4, high = 1e-2, value = 0.001, name = "lr" },
  })
end

-- What a recipe of these lines makes of overrides.
local function with_spaces(overrides)
  local recipe
  support.with_folder(function(folder)
    synthetic.write_file(folder .. "/r.lua", [[local ml = require "moonlab"
      local who, width = ml.choice { "ann", "bob", name = "who" }, ml.int_uniform(2, 8, { name = "width" })
      return ml.recipe { name = who, task = "multiclass", data = { source = ml.data.fashion_mnist() }, model = ml.nn.Linear(width),
        train = { optimizer = ml.optim.sgd { lr = 0.1 } } }]])
    recipe = require "moonlab.recipe.file".load(folder .. "/r.lua", { overrides = overrides })
  end)
  return recipe
end

function TestSpace:test_the_command_line_gives_a_value_by_name()
  local recipe = with_spaces { "who=bob", "train.epochs=3", "width = 5" }
  lu.assertEquals({ recipe.fields.name, recipe.spaces[1].value, recipe.spaces[2].value, recipe.fields.train.epochs }, { "bob", "bob", 5, 3 })
  lu.assertEquals(with_spaces {}.fields.name, "ann")
end

local function refused(message, overrides)
  local ok, problem = pcall(with_spaces, overrides)
  lu.assertFalse(ok)
  lu.assertEquals({ problem.status, problem.message }, { 2, message })
end

function TestSpace:test_a_value_that_the_space_has_not_is_refused()
  refused("who=eve: who is one of ann, bob", { "who=eve" })
  refused("width=9: width is a whole number from 2 to 8", { "width=9" })
  refused("width=2.5: width is a whole number from 2 to 8", { "width=2.5" })
end

function TestSpace:test_a_name_that_no_space_has_is_refused()
  local ok, problem = pcall(with_spaces, { "whom=bob" })
  lu.assertFalse(ok)
  lu.assertStrContains(problem.message, "whom=bob: unknown field 'whom'")
end

function TestSpace:test_refuses_what_is_no_space()
  support.fails("grid: the list is empty", function() local _ = ml.grid {} end)
  support.fails("uniform: the range 2 to 1 is empty", function() local _ = ml.uniform(2, 1) end)
  support.fails("log_uniform: the ends must be above 0, got 0", function() local _ = ml.log_uniform(0, 1) end)
  support.fails("uniform: unknown option 'nmae'; did you mean 'name'?",
    function() local _ = ml.uniform(0, 1, { nmae = "x" }) end)
end

TestFalseInAList = {}

function TestFalseInAList:test_what_a_choice_left_out_is_no_entry()
  local features = ml.features
  local function made(list)
    return ml.recipe { name = "r", task = "regression", data = { source = ml.data.tensors { x = ml.ones(4, 2), y = ml.ones(4, 1) } }, model = ml.ridge(),
      features = list }.fields.features
  end
  local list = made { false, features.standardize(), false, features.pca(1), false }
  lu.assertEquals({ #list, list[1]:describe().name, list[2]:describe().name }, { 2, "standardize", "pca" })
  lu.assertErrorMsgContains("'features' entry 1 must be a feature", made, { true })
end

TestMetricsOfATask = {}

function TestMetricsOfATask:test_a_metric_of_another_kind_of_task_is_refused_before_anything_runs()
  local plan = require "moonlab.recipe.plan"
  local function planned(task, metrics, accept)
    local recipe = ml.recipe { name = "r", task = task, problem = { accept = accept or {} }, data = { source = ml.data.tensors { x = ml.ones(4, 2), y = ml.ones(4, 1) } },
      model = task == "regression" and ml.ridge() or ml.logistic(), assess = { metrics = metrics } }
    local ok, problem = pcall(plan.of, recipe)
    return not ok and require "moonlab.failure".message_of(problem):gsub("^.-:%d+: ", "") or nil
  end
  lu.assertEquals(planned("binary", { "rmse" }), "the metric 'rmse' is of numbers, and the task 'binary' has classes: accuracy, f1, auc")
  lu.assertEquals(planned("regression", { "r2", "f_beta(beta=2)" }), "the metric 'f_beta(beta=2)' is of classes, and the task 'regression' has numbers: rmse, mae, r2")
  lu.assertEquals(planned("regression", { "r2" }, { auc = 0.5 }), "the metric 'auc' is of classes, and the task 'regression' has numbers: rmse, mae, r2")
  lu.assertEquals(planned("multiclass", { "label_ranking" }), "the metric 'label_ranking' is of any number of labels, and the task 'multiclass' has classes: accuracy, f1_macro")
  lu.assertEquals(planned("multiclass", {}), "the list of metrics is empty; without it there are those of the task")
  lu.assertNil(planned("multiclass", { "log_loss", "auc_ovr", "loss" }))
  lu.assertNil(planned("regression", { "quantile_loss(quantile=0.9)" }))
end

TestSuggest = {}

function TestSuggest:test_counts_edits()
  lu.assertEquals({ suggest.distance("lr", "lrr"), suggest.distance("modle", "model"), suggest.distance("", "abc") },
    { 1, 1, 3 })
end

function TestSuggest:test_letters_decide_between_names_that_are_as_near()
  lu.assertEquals(suggest.nearest("column65", { "column_5", "column_65" }), "column_65")
end

function TestSuggest:test_a_part_of_a_name_finds_the_shortest_that_holds_it()
  lu.assertEquals(suggest.nearest("time_series", { "time_series_folds_of_groups", "time_series_folds", "by_time" }), "time_series_folds")
  lu.assertNil(suggest.nearest("ser", { "time_series_folds" }))
end

function TestSuggest:test_one_letter_is_near_to_none() lu.assertNil(suggest.nearest("k", { "p" })) end

function TestSuggest:test_is_silent_where_nothing_is_near()
  lu.assertNil(suggest.nearest("zebra",
    { "lr", "betas" }))
end

function TestRecipe:test_an_interrupt_is_no_error_of_a_line()
  local plan = require "moonlab.recipe.plan"
  local recipe = { file = "r.lua", chunk = "r.lua", line = 1 }
  local function message(text) return require "moonlab.failure".message_of(select(2, pcall(plan.guarded, recipe, { "data" }, function() error(text, 0) end))) end
  lu.assertEquals(message "interrupted!", "interrupted!")
  lu.assertStrMatches(message "no such column", "r.lua:%d+: no such column")
end

function TestRecipe:test_a_model_that_does_not_answer_the_task_is_refused()
  local ml = require "moonlab"
  local plan = require "moonlab.recipe.plan"
  for task, model in pairs { regression = ml.logistic {}, binary = ml.ridge {}, multiclass = ml.kmeans { n_clusters = 2 } } do
    local recipe = ml.recipe { name = "t", task = task, data = { source = ml.data.table { x = { 1, 2 }, y = { 1, 2 } }, target = "y" }, model = model }
    local _, problem = pcall(plan.of, recipe)
    lu.assertStrContains(require "moonlab.failure".message_of(problem), ("%s does not answer the task '%s': it "):format(model._name, task))
  end
end
