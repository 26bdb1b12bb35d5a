-- Groups of parameters, averages of weights, batches in pieces.

local ml = require "moonlab"
local support = require "support"
local lu = require "luaunit"
local fixture = dofile "tests/fixtures/optim.lua"
local nn, optim = ml.nn, ml.optim
local double = { dtype = "float64" }

local function linear()
  local model = nn.Linear(2):build { 3 }:to "float64"
  ml.no_grad(function()
    model.weight:copy_(ml.tensor(fixture.weight, double))
    model.bias:copy_(ml.tensor(fixture.bias, double))
  end)
  return model
end

local function train(model, opt)
  local x, y = ml.tensor(fixture.x, double), ml.tensor(fixture.y, double)
  for _ = 1, fixture.steps do
    opt:zero_grad()
    nn.mse_loss(model(x), y):backward()
    opt:step()
  end
end

TestGroups = {}

local CASES = {
  sgd = { { lr = 0.1, momentum = 0.9 }, { lr = 0.02 }, { weight_decay = 0.3 } },
  adamw = { { lr = 0.05, weight_decay = 0.2 }, { beta1 = 0.5, beta2 = 0.9 }, { weight_decay = 0 } },
}

for name, case in pairs(CASES) do
  TestGroups["test_by_name_match_the_oracle_" .. name] = function()
    local model, o = linear(), { groups = { weight = case[2], ["b*s"] = case[3] } }
    for key, value in pairs(case[1]) do o[key] = value end
    train(model, optim[name](model, o))
    support.close(model.weight:detach(), fixture.groups[name].weight, 1e-12)
    support.close(model.bias:detach(), fixture.groups[name].bias, 1e-12)
  end
  TestGroups["test_by_list_match_the_oracle_" .. name] = function()
    local model, groups = linear(), {}
    for i, own in ipairs { case[2], case[3] } do
      groups[i] = { params = { i == 1 and model.weight or model.bias } }
      for key, value in pairs(own) do groups[i][key] = value end
    end
    train(model, optim[name](groups, case[1]))
    support.close(model.weight:detach(), fixture.groups[name].weight, 1e-12)
    support.close(model.bias:detach(), fixture.groups[name].bias, 1e-12)
  end
end

local function net() return nn.Sequential { nn.Linear(4), nn.LayerNorm(), nn.Linear(2) } end

function TestGroups:test_a_rate_of_its_own_follows_the_schedule()
  local a, b = ml.zeros(1, { requires_grad = true }), ml.zeros(1, { requires_grad = true })
  local opt = optim.sgd({ { params = { a } }, { params = { b }, lr = 1 } },
    { lr = 0.1, schedule = optim.step { every = 1, gamma = 0.5 } })
  a.grad, b.grad = ml.ones(1), ml.ones(1)
  opt:set_progress(1, 2)
  opt:step()
  lu.assertAlmostEquals(a:item(), -0.05, 1e-7)
  lu.assertAlmostEquals(b:item(), -0.5, 1e-7)
end

function TestGroups:test_decay_of_matrices_leaves_biases_and_norms_alone()
  local model = net()
  model:build { 3 }
  for _, p in ipairs(model:parameters()) do p.grad = ml.zeros(p.shape) end
  local before = model:clone()
  optim.adamw(model, { lr = 0.1, weight_decay = 0.5, decay = "matrices" }):step()
  local after = model:state_dict()
  for path, p in before:named_parameters() do
    support.close(after[path], p:detach() * (p:dim() < 2 and 1 or 0.95), 1e-7)
  end
end

function TestGroups:test_a_group_says_more_than_decay_does()
  local p = ml.ones(1, { requires_grad = true })
  p.grad = ml.zeros(1)
  optim.sgd({ { params = { p }, weight_decay = 0.5 } }, { lr = 1, decay = "matrices" }):step()
  lu.assertEquals(p:item(), 0.5)
end

function TestGroups:test_two_patterns_add_up()
  local model = net():build { 3 }
  for _, p in ipairs(model:parameters()) do p.grad = ml.zeros(p.shape) end
  model[3].bias:detach():fill_(1)
  optim.sgd(model, { lr = 0.1, groups = { ["3.*"] = { lr = 0.5 }, ["*.bias"] = { weight_decay = 1 } } }):step()
  support.equal(model[3].bias:detach(), { 0.5, 0.5 })
end

function TestGroups:test_two_values_of_an_option_are_an_error()
  support.fails("optim.sgd: groups: '*.bias' and '3.*' give 3.bias two values of lr: 2 and 1", function()
    optim.sgd(net(), { groups = { ["3.*"] = { lr = 1 }, ["*.bias"] = { lr = 2 } } })
  end)
end

function TestGroups:test_a_pattern_without_parameters_is_an_error()
  support.fails("optim.sgd: groups: unknown parameter '4.*'; did you mean '1.*'?",
    function() optim.sgd(net(), { groups = { ["4.*"] = { lr = 1 } } }) end)
  support.fails("optim.sgd: groups: unknown parameter '*.bais'; did you mean '*.bias'?",
    function() optim.sgd(net(), { groups = { ["*.bais"] = { lr = 1 } } }) end)
end

function TestGroups:test_an_unknown_option_names_group_and_nearest()
  support.fails("optim.sgd: groups: '*.bias': unknown option 'wieght_decay'; did you mean 'weight_decay'?",
    function() optim.sgd { groups = { ["*.bias"] = { wieght_decay = 0 } } } end)
end

function TestGroups:test_a_parameter_in_two_groups_is_an_error()
  local p = ml.ones(1, { requires_grad = true })
  support.fails("optim.sgd: parameter 2.1 is parameter 1.1 once more",
    function() optim.sgd({ { params = { p } }, { params = { p }, lr = 1 } }) end)
end

TestAverages = {}

function TestAverages:test_matches_the_oracle()
  local model = linear()
  local opt, ema = optim.sgd(model, { lr = 0.1 }), optim.ema(model, { decay = fixture.average.decay })
  local step = opt.step
  function opt:step()
    step(self)
    ema:update()
  end
  train(model, opt)
  ema:apply()
  support.close(model.weight:detach(), fixture.average.weight, 1e-12)
  support.close(model.bias:detach(), fixture.average.bias, 1e-12)
end

function TestAverages:test_follow_the_weights()
  local model = linear()
  local ema = optim.ema(model, { decay = 0.9 })
  local expected = model.bias:detach():clone()
  ema:update()
  for i = 1, 5 do
    ml.no_grad(function() model.bias:fill_(i) end)
    ema:update()
    expected = expected * 0.9 + 0.1 * i
  end
  ema:apply()
  support.close(model.bias:detach(), expected, 1e-14)
  ema:restore()
  support.equal(model.bias:detach(), { 5.0, 5.0 })
end

function TestAverages:test_resume_to_the_same_bits()
  local model = linear()
  local a, b = optim.ema(model), optim.ema(model)
  a:update()
  ml.no_grad(function() model.weight:mul_(3) end)
  a:update()
  b:load_state_dict(a:state_dict())
  ml.no_grad(function() model.weight:mul_(3) end)
  a:update()
  b:update()
  lu.assertEquals(a:state_dict().tensors.weight:tolist(), b:state_dict().tensors.weight:tolist())
end

function TestAverages:test_update_while_applied_is_an_error()
  local ema = optim.ema(linear())
  ema:apply()
  support.fails("ema: update between apply() and restore(): the model holds the average itself",
    function() ema:update() end)
end

function TestAverages:test_refuses_averages_of_another_shape()
  local ema, other = optim.ema(linear()), optim.ema(nn.Linear(3):build { 7 })
  ema:update()
  other:update()
  lu.assertErrorMsgContains("ema: load_state_dict: weight is", function() ema:load_state_dict(other:state_dict()) end)
  lu.assertErrorMsgContains("ema: load_state_dict takes what state_dict gave, got nil", function() ema:load_state_dict() end)
end

TestAccumulate = {}

-- The gradients of a batch of 11 rows at once and in 1 to 11 pieces, the last one smaller.
local function check_pieces(f)
  ml.manual_seed(5)
  local model = nn.Sequential { nn.Linear(8), nn.Tanh(), nn.Linear(4) }:build { 3 }:to "float64"
  local batch = { x = ml.randn(11, 3, double), y = ml.tensor { 1, 0, 3, 4, 2, 0, 0, 1, 4, 4, 2 } }
  local opt = optim.sgd(model)
  opt:zero_grad()
  local loss = f(model, batch)
  loss:backward()
  local whole = {}
  for i, p in ipairs(model:parameters()) do whole[i] = p.grad:clone() end
  for pieces = 1, 12 do
    local value = opt:accumulate(batch, pieces, function(piece) return f(model, piece) end)
    lu.assertAlmostEquals(value, loss:item(), 1e-12)
    for i, p in ipairs(model:parameters()) do support.close(p.grad, whole[i], 1e-12) end
  end
end

function TestAccumulate:test_pieces_equal_the_batch()
  check_pieces(function(model, batch) return nn.mse_loss(model(batch.x), model(batch.x):detach() * 0 + 1) end)
end

function TestAccumulate:test_ignored_labels_do_not_weigh()
  check_pieces(function(model, batch)
    return nn.cross_entropy(model(batch.x), batch.y), batch.y:ne(0):sum():item()
  end)
end

function TestAccumulate:test_weighted_classes_weigh()
  local weight = ml.tensor({ 0.5, 2.0, 1.0, 3.0 }, double)
  check_pieces(function(model, batch)
    local rows = weight:index_select(1, batch.y:clamp(1)) * batch.y:ne(0):to "float64"
    return nn.cross_entropy(model(batch.x), batch.y, { weight = weight }), rows:sum():item()
  end)
end

function TestAccumulate:test_refuses_tensors_of_different_rows()
  local p = ml.ones(1, { requires_grad = true })
  local ok, message = pcall(function()
    optim.sgd({ p }):accumulate({ x = ml.ones(4, 1), y = ml.ones(3) }, 2, function() return p:sum() end)
  end)
  lu.assertFalse(ok)
  lu.assertStrContains(message, "rows, but")
end

function TestAccumulate:test_says_what_a_piece_must_give()
  local p = ml.ones(1, { requires_grad = true })
  local opt, batch = optim.sgd({ p }), { x = ml.ones(4, 1) }
  support.fails("accumulate: the function of a piece must return its loss, a tensor of one element, got [4, 1]",
    function() opt:accumulate(batch, 1, function(piece) return piece.x * p end) end)
  support.fails("accumulate: the function of a piece is missing: opt:accumulate(batch, 4, function(piece) return "
    .. "nn.cross_entropy(model(piece.x), piece.y) end), got nil", function() opt:accumulate(batch, 1) end)
  support.fails("accumulate: the batch has no rows", function() opt:accumulate({ x = ml.ones(0, 1) }, 1, print) end)
end
