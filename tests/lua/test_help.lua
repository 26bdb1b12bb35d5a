-- Help: every name has some, and wrong names find the right ones.

local ml = require "moonlab"
local core = require "moonlab.core"
local help = require "moonlab.help"
local lu = require "luaunit"

TestHelp = {}

local function without_help(prefix, names)
  local missing = {}
  for name in pairs(names) do
    if type(name) == "string" and not name:find "^_" and not help.show(prefix .. name) then
      missing[#missing + 1] = name
    end
  end
  table.sort(missing)
  return missing
end

function TestHelp:test_every_layer_and_loss_has_help() lu.assertEquals(without_help("", ml.nn), {}) end
function TestHelp:test_every_optimizer_has_help() lu.assertEquals(without_help("", ml.optim), {}) end
function TestHelp:test_every_op_has_help() lu.assertEquals(without_help("", core.ops), {}) end
function TestHelp:test_every_method_of_a_tensor_has_help() lu.assertEquals(without_help("x:", core.methods), {}) end

function TestHelp:test_every_initialiser_has_help()
  lu.assertEquals(without_help("nn.init.", ml.nn.init),
    { "default_bias", "default_weight", "pick" }) -- of use to layers alone
end

function TestHelp:test_every_method_of_a_model_has_help()
  local public = {}
  for name, value in pairs(ml.nn.Module) do
    if type(value) == "function" and name ~= "run_shapes" then public[name] = true end
  end
  lu.assertEquals(without_help("model:", public), {})
end

function TestHelp:test_a_name_of_scikit_learn_finds_what_it_is_here()
  lu.assertEquals(help.show "sklearn.model_selection.GridSearchCV", "GridSearchCV of scikit-learn is here: ml.search{...}, or moonlab search RECIPE.lua")
  lu.assertEquals(help.show "RandomForestClassifier", "RandomForestClassifier of scikit-learn: there are no trees and no ensembles of them")
end

function TestHelp:test_a_name_of_a_field_and_of_a_function_finds_both()
  local text = help.show "data.time"
  lu.assertStrContains(text, "data.time    field of a recipe")
  lu.assertStrContains(text, "ml.data.time(")
end

function TestHelp:test_every_feature_has_its_options_in_the_help()
  for name, make in pairs(ml.features) do
    if type(make) == "function" then lu.assertTrue((help.show("ml.features." .. name) or ""):find("ml%.features%." .. name .. "%(.*\nGives ") ~= nil, name) end
  end
end

function TestHelp:test_a_short_name_finds_the_long_one()
  lu.assertEquals(help.show "nn.Linear", help.show "ml.nn.Linear")
end
function TestHelp:test_the_call_may_stand_behind_the_name()
  lu.assertEquals(help.show "nn.Linear(10)", help.show "nn.Linear")
end
function TestHelp:test_a_question_mark_may_stand_in_front() lu.assertEquals(help.show "?sum", help.show "sum") end
function TestHelp:test_case_counts() lu.assertNotEquals(help.show "nn.linear", help.show "nn.Linear") end

function TestHelp:test_all_that_have_a_name_are_shown()
  local text = help.show "step"
  lu.assertStrContains(text, "ml.optim.step")
  lu.assertStrContains(text, "opt:step(closure)")
end

function TestHelp:test_a_module_lists_its_names() lu.assertStrContains(help.show "ml.optim", "adamw") end
function TestHelp:test_a_star_finds() lu.assertEquals(help.show "*conv2d", "ml.nn.conv2d\nml.nn.Conv2d") end

function TestHelp:test_a_field_of_a_recipe()
  lu.assertEquals(help.show "train.epochs", "train.epochs = 10    field of a recipe: integer\n\nPasses over the training part, at most.")
end

function TestHelp:test_a_wrong_name_has_a_nearest()
  lu.assertEquals({ help.show "nn.Lineer" }, { nil, "ml.nn.Linear" })
end
function TestHelp:test_a_wrong_field_has_a_nearest()
  lu.assertEquals({ help.show "train.epoch" }, { nil, "train.epochs" })
end
function TestHelp:test_a_name_far_from_all_has_none() lu.assertEquals({ help.show "nonsensical" }, { nil, nil }) end

function TestHelp:test_is_plain_text()
  for _, name in ipairs(help.topics()) do
    lu.assertNil(help.show(name):find "[^\n\32-\126]", name)
  end
end
