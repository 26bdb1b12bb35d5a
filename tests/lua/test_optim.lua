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
    opt:step(function()
      opt:zero_grad()
      local value = loss()
      value:backward()
      return value
    end)
  end
end

TestOptimizers = {}

for i, case in ipairs(fixture.optimizers) do
  TestOptimizers[("test_%02d_%s_matches_the_oracle"):format(i, case.name)] = function()
    local parameters, loss = problem()
    train(optim[case.name](parameters, case.options), loss, fixture.steps)
    local tolerance = case.name == "lbfgs" and 1e-8 or 1e-12
    support.close(parameters[1], case.weight, tolerance)
    support.close(parameters[2], case.bias, tolerance)
  end
end

function TestOptimizers:test_defaults_are_those_of_the_oracle()
  local adamw = optim.adamw {}
  lu.assertEquals(adamw.options, { lr = 1e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weight_decay = 0.01,
    amsgrad = false, decay = "all" })
end

-- Each optimizer with all that it can keep, interrupted after some steps: the rest has the bits of an unbroken run.
for name, o in pairs {
  sgd = { lr = 0.1, momentum = 0.9, schedule = optim.one_cycle {} }, adam = { lr = 0.05, amsgrad = true },
  adamw = { lr = 0.05, groups = { ["*.bias"] = { lr = 0.1, weight_decay = 0 } } },
  rmsprop = { lr = 0.02, momentum = 0.8, centered = true }, adagrad = { lr = 0.2, lr_decay = 0.1 }, lion = { lr = 0.03 },
  lbfgs = { max_iter = 2, history_size = 3 },
} do
  TestOptimizers[("test_%s_resumes_to_the_same_bits"):format(name)] = function()
    local x, y = ml.tensor(fixture.x), ml.tensor(fixture.y)
    local function steps(model, opt, from, to)
      for i = from, to do
        opt:set_progress(i / 10, 1)
        train(opt, function() return nn.mse_loss(model(x), y) end, 1)
      end
    end
    ml.manual_seed(3)
    local whole = nn.Sequential { nn.Linear(4), nn.Tanh(), nn.Linear(2) }:build { 3 }
    local broken = whole:clone()
    steps(whole, optim[name](whole, o), 1, 10)
    local first = optim[name](broken, o)
    steps(broken, first, 1, 4)
    local saved = first:state_dict()
    local resumed = broken:clone()
    steps(broken, first, 5, 5) -- what goes on with the old one does not touch what was saved
    local second = optim[name](resumed, o)
    second:load_state_dict(saved)
    steps(resumed, second, 5, 10)
    for path, p in whole:named_parameters() do support.equal(resumed:state_dict()[path], p:detach()) end
  end
end

function TestOptimizers:test_lbfgs_finds_the_minimum_of_a_curved_valley()
  local x = ml.tensor({ -1.2, 1.0 }, double)
  x.requires_grad = true
  local opt = optim.lbfgs({ x }, { max_iter = 100, max_eval = 200 })
  opt:step(function()
    opt:zero_grad()
    local loss = (1 - x[1]) ^ 2 + (x[2] - x[1] ^ 2) ^ 2 * 100
    loss:backward()
    return loss
  end)
  support.close(x:detach(), { 1.0, 1.0 }, 1e-4)
end

function TestOptimizers:test_lbfgs_says_what_step_takes()
  support.fails("lbfgs: step takes the function that computes loss and gradient: opt:step(function() opt:zero_grad(); "
    .. "local loss = ...; loss:backward(); return loss end), got nil", function() optim.lbfgs((problem())):step() end)
end

function TestOptimizers:test_lbfgs_has_no_groups_with_options()
  support.fails("optim.lbfgs: group 1: optim.lbfgs has one set of options for all parameters, got lr of its own",
    function() optim.lbfgs { { params = (problem()), lr = 1 } } end)
end

function TestOptimizers:test_refuse_a_turned_view()
  local p = ml.ones(2, 3):transpose(1, 2):detach()
  p.requires_grad = true
  p:sum():backward()
  support.fails("sgd: parameter 1 [3, 2] is a view that is not contiguous\n  hint: x:contiguous(), before it becomes a parameter",
    function() optim.sgd({ p }):step() end)
end

function TestOptimizers:test_refuse_an_eps_below_0()
  for _, name in ipairs { "adam", "rmsprop", "adagrad" } do
    support.fails(("optim.%s: eps must not be negative, got -1"):format(name), function() optim[name] { eps = -1 } end)
  end
end

function TestOptimizers:test_lbfgs_misses_the_gradients()
  support.fails("lbfgs: the function that step was given left no gradients: it calls loss:backward()", function()
    local parameters, loss = problem()
    optim.lbfgs(parameters):step(loss)
  end)
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
  train(opt, loss, fixture.steps - 2)
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

function TestOptimizers:test_refuses_a_schedule_in_the_place_of_a_model()
  support.fails("optim.adamw: a schedule stands among the options: ml.optim.adamw{lr = 1e-3, schedule = "
    .. "ml.optim.cosine{}}", function() optim.adamw(optim.cosine {}) end)
end

function TestOptimizers:test_refuses_an_optimizer_in_the_place_of_a_schedule()
  support.fails("optim.sgd: schedule must be one such as ml.optim.cosine{warmup = 1}, got the optimizer ml.optim.adam",
    function() optim.sgd { schedule = optim.adam {} } end)
end

function TestOptimizers:test_pytorchs_names_get_the_nearest()
  support.fails("optim.adamw: unknown option 'betas'; write beta1 = 0.9, beta2 = 0.999",
    function() optim.adamw { betas = { 0.9, 0.95 } } end)
  support.fails("ml.optim: unknown field 'AdamW'; did you mean 'adamw'?", function() return optim.AdamW end)
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
  support.fails("optim.adam: lr must be above 0 and finite, got -1", function() optim.adam { lr = -1 } end)
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

function TestClipping:test_by_value_matches_the_oracle()
  local p = ml.zeros(4, { requires_grad = true })
  p.grad = ml.tensor { 0.3, -2.0, 0.5, 7.0 }
  optim.sgd({ p }):clip_value(0.5)
  support.close(p.grad, fixture.clip_value, 0)
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
function TestSchedules:test_a_warm_up_before_it_matches_the_oracle()
  all_close(factors(optim.cosine { warmup = 2 }, 6), fixture.warm_cosine)
end
function TestSchedules:test_cosine_ends_at_final()
  all_close(factors(optim.cosine { final = 0.1 }, 6), fixture.cosine_final)
end
function TestSchedules:test_step_matches_the_oracle()
  all_close(factors(optim.step { every = 2, gamma = 0.5 }, 6), fixture.step)
end
function TestSchedules:test_exponential_matches_the_oracle()
  all_close(factors(optim.exponential { gamma = 0.8 }, 6), fixture.exponential)
end
function TestSchedules:test_multistep_matches_the_oracle()
  all_close(factors(optim.multistep { milestones = { 2, 3, 5 }, gamma = 0.5 }, 6), fixture.multistep)
end
function TestSchedules:test_linear_matches_the_oracle()
  all_close(factors(optim.linear { start = 0.25, final = 0.75 }, 6), fixture.linear)
end

local function one_cycle(schedule, expected)
  local momenta = {}
  for i = 0, 10 do momenta[i + 1] = schedule:momentum(i, 10) end
  all_close(factors(schedule, 10), expected.rates)
  all_close(momenta, expected.momenta)
end

function TestSchedules:test_one_cycle_matches_the_oracle()
  one_cycle(optim.one_cycle {}, fixture.one_cycle)
  one_cycle(optim.one_cycle { pct_start = 0.4, anneal = "linear", div_factor = 10, final_div_factor = 100,
    base_momentum = 0.8, max_momentum = 0.9 }, fixture.one_cycle_linear)
end

function TestSchedules:test_one_cycle_turns_the_momentum()
  local p = ml.zeros(1, { requires_grad = true })
  local opt = optim.sgd({ p }, { lr = 1, momentum = 0.5, schedule = optim.one_cycle { div_factor = 1 } })
  p.grad = ml.ones(1)
  opt:step() -- b = 1
  opt:set_progress(0, 10)
  opt:step() -- b = 0.95 + 1
  lu.assertAlmostEquals(p:item(), -1 - 1.95, 1e-6)
end

local function plateau(o, larger)
  local opt, rates = optim.sgd(problem(), { lr = 1, schedule = optim.plateau(o) }), {}
  for i, score in ipairs(fixture.plateau.scores) do rates[i] = opt:set_score(score, larger) end
  return rates
end

function TestSchedules:test_plateau_matches_the_oracle()
  all_close(plateau { factor = 0.5, patience = 1 }, fixture.plateau.rates)
  all_close(plateau { factor = 0.1, patience = 1, cooldown = 2, final = 0.02 }, fixture.plateau.cooled)
  all_close(plateau({ factor = 0.5, patience = 2 }, true), fixture.plateau.larger)
end

function TestSchedules:test_plateau_keeps_its_place_in_the_state()
  local o = { lr = 1, schedule = optim.plateau { factor = 0.5, patience = 0 } }
  local a, b = optim.sgd(problem(), o), optim.sgd(problem(), o)
  a:set_score(1)
  a:set_score(2)
  b:load_state_dict(a:state_dict())
  lu.assertEquals({ b.lr, b:set_score(3), a.lr }, { 0.5, 0.25, 0.5 })
end

function TestSchedules:test_refuses_milestones_that_go_back()
  support.fails("optim.multistep: milestones must be ascending numbers, got 2 at 2",
    function() optim.multistep { milestones = { 3, 2 } } end)
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
