-- Optimizers, schedules and clipping, against PyTorch (tests/fixtures/make_optim_fixtures.py).

local ml = require "moonlab"
local support = require "support"
local lu = require "luaunit"
local fixture = dofile "tests/fixtures/optim.lua"
local nn, optim = ml.nn, ml.optim
local double = { dtype = "float64" }

local function problem()
  local weight, bias = ml.tensor(fixture.weight, double), ml.tensor(fixture.bias, double)
  weight.requires_grad, bias.requires_grad = true, true
  local x, y = ml.tensor(fixture.x, double), ml.tensor(fixture.y, double)
  return { weight, bias }, function() return nn.mse_loss(nn.linear(x, weight, bias), y) end
end

local function train(opt, loss, steps)
  for _ = 1, steps do
    opt:zero_grad()
    loss():backward()
    opt:step()
  end
end

TestOptimizers = {}

for i, case in ipairs(fixture.optimizers) do
  TestOptimizers[("test_%02d_%s_matches_the_oracle"):format(i, case.name)] = function()
    local parameters, loss = problem()
    train(optim[case.name](parameters, case.options), loss, fixture.steps)
    support.close(parameters[1], case.weight, 1e-12)
    support.close(parameters[2], case.bias, 1e-12)
  end
end

function TestOptimizers:test_defaults_are_those_of_the_oracle()
  local adamw = optim.adamw {}
  lu.assertEquals(adamw.options, { lr = 1e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weight_decay = 0.01 })
end

function TestOptimizers:test_can_be_made_before_the_model_is_built()
  local model = nn.Linear(2)
  local opt = optim.sgd(model, { lr = 1 })
  model(ml.ones(1, 3)):sum():backward()
  local before = model.bias:clone():detach()
  opt:step()
  support.equal(model.bias:detach(), before - 1)
end

function TestOptimizers:test_a_parameter_without_a_gradient_stays()
  local used, idle = ml.ones(2, { requires_grad = true }), ml.ones(2, { requires_grad = true })
  local opt = optim.adamw({ used, idle }, { lr = 0.1, weight_decay = 0.5 })
  used:sum():backward()
  opt:step()
  support.equal(idle:detach(), { 1.0, 1.0 })
end

function TestOptimizers:test_a_frozen_model_is_not_trained()
  local model = nn.Linear(2):build { 3 }:freeze()
  local before = model.weight:clone()
  optim.sgd(model, { lr = 1 }):step()
  support.equal(model.weight, before)
end

function TestOptimizers:test_a_spec_attaches_to_many_models()
  local spec = optim.sgd { lr = 0.5 }
  local a, b = spec:attach(nn.Linear(1)), spec:attach(nn.Linear(1))
  a.lr = 0.1
  lu.assertEquals(b.lr, 0.5)
end

function TestOptimizers:test_zero_grad_sets_gradients_to_nil()
  local parameters, loss = problem()
  loss():backward()
  optim.sgd(parameters, { lr = 0.1 }):zero_grad()
  lu.assertNil(parameters[1].grad)
end

function TestOptimizers:test_state_continues_where_it_was()
  local parameters, loss = problem()
  local opt = optim.adam(parameters, { lr = 0.05 })
  train(opt, loss, 3)
  local saved = opt:state_dict()
  local second = optim.adam(parameters, { lr = 0.05 })
  second:load_state_dict(saved)
  train(second, loss, 2)
  support.close(parameters[1], fixture.optimizers[5].weight, 1e-12)
end

function TestOptimizers:test_state_has_dotted_names()
  local model = nn.Sequential { nn.Linear(1, { bias = false }) }
  local opt = optim.sgd(model, { lr = 0.1, momentum = 0.9 })
  model(ml.ones(1, 2)):sum():backward()
  opt:step()
  support.equal(opt:state_dict().tensors["1.weight.momentum"], { { 1.0, 1.0 } })
end

function TestOptimizers:test_a_parameter_that_is_trained_later_starts_like_a_new_one()
  local early, late = ml.ones(1, { requires_grad = true }), ml.ones(1, { requires_grad = true })
  local opt = optim.adam({ early, late }, { lr = 0.1 })
  for _ = 1, 5 do
    early.grad = ml.ones(1)
    opt:step()
  end
  late.grad = ml.ones(1)
  opt:step()
  lu.assertAlmostEquals(late:item(), 0.9, 1e-6)
end

function TestOptimizers:test_refuses_the_state_of_another_optimizer()
  local parameters = problem()
  support.fails("load_state_dict: the state is that of optim.sgd, the optimizer is optim.adam", function()
    optim.adam(parameters):load_state_dict(optim.sgd(parameters):state_dict())
  end)
end

function TestOptimizers:test_refuses_an_unknown_option()
  support.fails("optim.adamw: unknown option 'lrr'; did you mean 'lr'?", function() optim.adamw { lrr = 0.1 } end)
end

function TestOptimizers:test_refuses_a_number_for_options()
  support.fails("optim.sgd: options stand in a table, got 0.1: write ml.optim.sgd(model, {lr = 1e-3})", function()
    optim.sgd(nn.Linear(1), 0.1)
  end)
end

function TestOptimizers:test_refuses_a_learning_rate_that_is_not_positive()
  support.fails("optim.adam: lr must be above 0, got -1", function() optim.adam { lr = -1 } end)
end

function TestOptimizers:test_refuses_nesterov_without_momentum()
  support.fails("optim.sgd: nesterov needs a momentum: write {momentum = 0.9, nesterov = true}",
    function() optim.sgd { nesterov = true } end)
end

function TestOptimizers:test_refuses_a_schedule_that_is_none()
  support.fails("optim.sgd: schedule must be one such as ml.optim.cosine{warmup = 1}, got 'cosine'", function()
    optim.sgd { schedule = "cosine" }
  end)
end

function TestOptimizers:test_names_the_parameter_whose_gradient_is_not_finite()
  local model = nn.Sequential { nn.Linear(1), nn.Linear(1) }:build { 1 }
  for _, p in ipairs(model:parameters()) do p.grad = ml.ones(p.shape) end
  model[2].weight.grad = ml.full({ 1, 1 }, 0 / 0)
  local fine, name = optim.sgd(model):grads_finite()
  lu.assertEquals({ fine, name }, { false, "2.weight" })
end

TestClipping = {}

function TestClipping:test_matches_the_oracle()
  local parameters, loss = problem()
  loss():backward()
  local norm = optim.clip_grad_norm(parameters, fixture.clip.max)
  lu.assertAlmostEquals(norm, fixture.clip.norm, 1e-12)
  support.close(parameters[1].grad, fixture.clip.weight, 1e-9)
end

function TestClipping:test_leaves_small_gradients_alone()
  local parameters, loss = problem()
  loss():backward()
  local before = parameters[1].grad:clone()
  optim.sgd(parameters):clip_norm(1000)
  support.equal(parameters[1].grad, before)
end

function TestClipping:test_refuses_a_norm_that_is_not_positive()
  support.fails("clip_grad_norm: the largest norm must be a positive number, got 0",
    function() optim.clip_grad_norm({}, 0) end)
end

TestSchedules = {}

local function factors(schedule, epochs)
  local list = {}
  for e = 0, epochs do list[#list + 1] = schedule:factor(e, epochs) end
  return list
end

local function all_close(actual, expected)
  lu.assertEquals(#actual, #expected)
  for i, v in ipairs(expected) do lu.assertAlmostEquals(actual[i], v, 1e-7) end
end

function TestSchedules:test_cosine_matches_the_oracle() all_close(factors(optim.cosine(), 6), fixture.cosine) end
function TestSchedules:test_cosine_ends_at_final()
  all_close(factors(optim.cosine { final = 0.1 }, 6), fixture.cosine_final)
end
function TestSchedules:test_step_matches_the_oracle()
  all_close(factors(optim.step { every = 2, gamma = 0.5 }, 6), fixture.step)
end
function TestSchedules:test_constant_stays() all_close(factors(optim.constant(), 2), { 1, 1, 1 }) end

function TestSchedules:test_warm_up_grows_from_one_percent()
  local schedule = optim.constant { warmup = 2 }
  lu.assertEquals({ schedule:factor(0, 10), schedule:factor(1, 10), schedule:factor(2, 10) }, { 0.01, 0.505, 1 })
end

function TestSchedules:test_cosine_takes_its_time_after_the_warm_up()
  lu.assertAlmostEquals(optim.cosine { warmup = 2 }:factor(6, 10), 0.5, 1e-12)
end

function TestSchedules:test_set_progress_sets_the_learning_rate()
  local opt = optim.sgd(problem(), { lr = 0.2, schedule = optim.step { every = 1, gamma = 0.5 } })
  lu.assertEquals({ opt:set_progress(0, 3), opt:set_progress(1.5, 3), opt.lr }, { 0.2, 0.1, 0.1 })
end

function TestSchedules:test_refuses_an_unknown_option()
  support.fails("optim.cosine: unknown option 'gamma'; there are: final, warmup",
    function() optim.cosine { gamma = 1 } end)
end

function TestSchedules:test_refuses_a_negative_warm_up()
  support.fails("optim.step: warmup must not be negative, got -1", function() optim.step { warmup = -1 } end)
end

function TestSchedules:test_knows_its_options()
  lu.assertEquals(optim.step():option_names(), { { "every", type = "number" }, { "gamma", type = "number" },
    { "warmup", type = "number" } })
end
