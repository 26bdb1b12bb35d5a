-- The one entry: what stands in ml, and how it treats the world.

local ml = require "moonlab"
local core = require "moonlab.core"
local support = require "support"
local lu = require "luaunit"
local fails, equal = support.fails, support.equal

TestEntry = {}

function TestEntry:test_nn_is_the_module() lu.assertIs(ml.nn, require "moonlab.nn") end
function TestEntry:test_optim_is_the_module() lu.assertIs(ml.optim, require "moonlab.optim") end
function TestEntry:test_spaces_give_plain_values() lu.assertEquals(ml.grid { 0.3, 0.5 }, 0.3) end

function TestEntry:test_constructors_stand_in_ml() lu.assertEquals(ml.arange(1, 3):tolist(), { 1, 2, 3 }) end
function TestEntry:test_ops_stand_in_ml() equal(ml.add(ml.tensor { 1 }, 2), { 3 }) end

function TestEntry:test_an_unknown_field_of_a_module_has_a_nearest()
  fails("ml.data: unknown field 'fashion_mnst'; did you mean 'fashion_mnist'?", function() return ml.data.fashion_mnst end)
  fails("ml.plot: unknown field 'lin'; did you mean 'line'?", function() return ml.plot.lin end)
end

function TestEntry:test_an_unknown_field_has_a_nearest()
  fails("ml has no field 'zeross'; did you mean 'ml.zeros'?", function() return ml.zeross end)
end

function TestEntry:test_a_module_that_is_not_loaded_yet_is_nearest_too()
  fails("ml has no field 'optin'; did you mean 'ml.optim'?", function() return ml.optin end)
end

function TestEntry:test_what_scikit_learn_calls_otherwise_is_told()
  fails("ml has no field 'StratifiedKFold'; here it is: ml.kfold(5, {stratify = true, group = true, repeats = 3})", function() return ml.StratifiedKFold end)
  fails("ml has no field 'RandomForestClassifier'; there are no trees and no ensembles of them", function() return ml.RandomForestClassifier end)
  fails("ml has no field 'time_series'; did you mean 'ml.time_series_folds'?", function() return ml.time_series end)
end

function TestEntry:test_unknown_metrics_are_errors_with_what_they_are_called_here()
  fails("ml.metrics: unknown field 'accurracy'; did you mean 'accuracy'?", function() return ml.metrics.accurracy end)
  fails("ml.metrics: unknown field 'roc_auc_score'; here it is: ml.metrics.auc(scores, actual)", function() return ml.metrics.roc_auc_score end)
end

function TestEntry:test_what_is_said_of_scikit_learn_is_there()
  for name, text in pairs(require "moonlab.sklearn_names".names) do
    local found = text:match "^[%w_.]+"
    lu.assertNil(rawget(ml, name))
    local value = found:find "^ml%." and ml or found:find "^nn%." and { nn = ml.nn }
    if value then
      for part in found:gsub("^ml%.", ""):gmatch "[^.]+" do value = value[part] end
    end
    lu.assertTrue(value ~= nil or not found:find "^[mn][ln]%.", name)
  end
end

function TestEntry:test_a_name_far_from_all_gets_no_advice()
  fails("ml has no field 'tensorflow_keras'", function() return ml.tensorflow_keras end)
end

function TestEntry:test_no_global_is_made()
  local program = [[local before = {} for k in pairs(_G) do before[k] = true end
    local ml = require 'moonlab' local _ = ml.nn, ml.optim, ml.data, ml.metrics, ml.plot, ml.recipe
    tostring(ml.nn.Linear(2)(ml.ones(1, 2)))
    for k in pairs(_G) do if not before[k] then io.write(k, ' ') end end io.write 'end']]
  local pipe = assert(io.popen(('build/moonlab -e "%s"'):format(program)))
  lu.assertEquals(pipe:read "a", "end")
  pipe:close()
end

TestNoGrad = {}

local function weight() return ml.ones(1, { requires_grad = true }) end

function TestNoGrad:test_records_nothing()
  lu.assertFalse(ml.no_grad(function() return weight() * 2 end).requires_grad)
end
function TestNoGrad:test_hands_on_arguments_and_results()
  lu.assertEquals({ ml.no_grad(function(...) return ... end, 1, nil, 3) }, { 1, nil, 3 })
end

function TestNoGrad:test_ends_with_the_function()
  ml.no_grad(function() end)
  lu.assertTrue(core.is_grad_enabled())
end

function TestNoGrad:test_ends_with_an_error()
  pcall(ml.no_grad, function() error "x" end)
  lu.assertTrue(core.is_grad_enabled())
end

function TestNoGrad:test_nests()
  ml.no_grad(function()
    ml.no_grad(function() end)
    lu.assertFalse(core.is_grad_enabled())
  end)
end

function TestNoGrad:test_enable_grad_inside()
  ml.no_grad(function() lu.assertTrue(ml.enable_grad(function() return weight() * 2 end).requires_grad) end)
end

TestGrad = {}

function TestGrad:test_of_one_argument()
  equal(ml.grad(function(x) return (x * x):sum() end)(ml.tensor { 3.0 }), { 6.0 })
end

function TestGrad:test_of_several_arguments()
  local a, b = ml.grad(function(x, y) return (x * y):sum() end)(ml.tensor { 3.0 }, ml.tensor { 5.0 })
  lu.assertEquals({ a:item(), b:item() }, { 5, 3 })
end

function TestGrad:test_plain_arguments_get_none()
  local a, b = ml.grad(function(n, x) return (x * n):sum() end)(2, ml.tensor { 1.0 })
  lu.assertNil(a)
  equal(b, { 2.0 })
end

function TestGrad:test_leaves_the_arguments_alone()
  local x = ml.tensor { 3.0 }
  ml.grad(function(y) return y:sum() end)(x)
  lu.assertEquals({ x.requires_grad, x.grad }, { false, nil })
end

function TestGrad:test_wants_a_tensor()
  fails("grad: the function must return a tensor of one element, got 5",
    function() ml.grad(function() return 5 end)(ml.ones(1)) end)
end

function TestGrad:test_gradcheck_passes_where_it_should()
  lu.assertTrue(ml.gradcheck(function(x) return (x * x):sum() end,
    { ml.randn(3, { dtype = "float64", requires_grad = true }) }))
end

TestSeed = {}

function TestSeed:test_the_same_seed_gives_the_same_numbers()
  ml.manual_seed(5)
  local first = ml.randn(4)
  ml.manual_seed(5)
  equal(ml.randn(4), first)
end

function TestSeed:test_the_same_seed_gives_the_same_model()
  ml.manual_seed(5)
  local first = ml.nn.Linear(3):build { 2 }
  ml.manual_seed(5)
  equal(ml.nn.Linear(3):build({ 2 }).weight, first.weight)
end

function TestSeed:test_must_be_an_integer()
  fails("manual_seed: the seed must be an integer, got 1.5", function() ml.manual_seed(1.5) end)
end

TestLoop = {}

-- The loop of design/language.md on data of its own.
function TestLoop:test_a_hand_written_loop_learns()
  ml.manual_seed(1)
  local nn = ml.nn
  local x = ml.randn(256, 1, 4, 4)
  local y = x:reshape(256, 16):slice(2, 1, 3):argmax(2)
  local model = nn.Sequential { nn.Flatten(), nn.Linear(32), nn.ReLU(), nn.Linear(3) }
  local opt = ml.optim.adamw(model, { lr = 1e-2 })
  for _ = 1, 60 do
    local loss = nn.cross_entropy(model(x), y)
    opt:zero_grad()
    loss:backward()
    opt:step()
  end
  local right = model:eval()(x):argmax(2):eq(y):sum():item()
  lu.assertTrue(right > 240, "right: " .. right)
end

function TestLoop:test_the_same_seed_trains_the_same_bits()
  local function run()
    ml.manual_seed(2)
    local nn = ml.nn
    local model = nn.Sequential { nn.Linear(16), nn.Dropout(0.5), nn.Linear(1) }
    local opt, x = ml.optim.sgd(model, { lr = 0.1, momentum = 0.9 }), ml.randn(8, 4)
    for _ = 1, 5 do
      opt:zero_grad()
      model(x):square():mean():backward()
      opt:step()
    end
    return model[1].weight:detach()
  end
  equal(run(), run())
end
