-- What the losses refuse and what holds for them besides the numbers of the oracle (test_oracle.lua).

local ml = require "moonlab"
local support = require "support"
local lu = require "luaunit"
local losses = require "moonlab.train.losses"
local nn = ml.nn

TestLosses = {}

function TestLosses:test_none_of_them_broadcasts()
  local a, b = ml.zeros(4, 1), ml.zeros(4)
  local hint = ", got [4, 1] and [4]"
  for name, call in pairs {
    smooth_l1_loss = function() nn.smooth_l1_loss(a, b) end, kl_div = function() nn.kl_div(a, b) end,
    poisson_nll_loss = function() nn.poisson_nll_loss(a, b) end, hinge_loss = function() nn.hinge_loss(a, b) end,
    margin_ranking_loss = function() nn.margin_ranking_loss(a, b, b) end,
    triplet_margin_loss = function() nn.triplet_margin_loss(a, b, b) end,
    gaussian_nll_loss = function() nn.gaussian_nll_loss(a, b, b) end,
    cosine_embedding_loss = function() nn.cosine_embedding_loss(a, b, b) end,
  } do
    local ok, message = pcall(call)
    lu.assertFalse(ok, name)
    lu.assertStrContains(message, name .. ": ")
    lu.assertStrContains(message, "must have the same shape" .. hint)
  end
end

function TestLosses:test_dice_says_what_a_target_may_be()
  support.fails("dice_loss: target must be [2, 4, 4] (classes) or [2, 3, 4, 4] (a mask) for input [2, 3, 4, 4], got "
    .. "[2, 1, 4, 4]", function() nn.dice_loss(ml.zeros(2, 3, 4, 4), ml.ones(2, 1, 4, 4)) end)
end

function TestLosses:test_dice_of_a_perfect_answer_is_0()
  local target = ml.randint(1, 3, { 2, 8, 8 })
  local mask = ml.one_hot(target, 3):permute { 1, 4, 2, 3 }
  lu.assertAlmostEquals(nn.dice_loss(mask, target, { probabilities = true }):item(), 0, 1e-6)
end

function TestLosses:test_focal_with_gamma_0_is_cross_entropy()
  local logits, target = ml.randn(6, 3), ml.randint(0, 3, { 6 })
  support.close(nn.focal_loss(logits, target, { gamma = 0 }), nn.cross_entropy(logits, target), 1e-6)
end

function TestLosses:test_focal_of_a_certain_answer_has_a_gradient()
  for _, gamma in ipairs { 0.5, 1, 2 } do
    for _, target in ipairs { ml.tensor { 1 }, ml.tensor { { 1.0, 0.0 } } } do
      local x = ml.tensor({ { 200.0, -200.0 } }, { requires_grad = true })
      nn.focal_loss(x, target, { gamma = gamma }):backward()
      support.equal(x.grad, ml.tensor { { 0.0, 0.0 } })
    end
  end
end

function TestLosses:test_focal_says_what_alpha_may_be()
  support.fails("focal_loss: alpha must be a tensor [3], a weight for each class, got 0.25",
    function() nn.focal_loss(ml.zeros(2, 3), ml.tensor { 1, 2 }, { alpha = 0.25 }) end)
end

function TestLosses:test_an_unknown_option_names_the_nearest()
  support.fails("triplet_margin_loss: unknown option 'magrin'; did you mean 'margin'?",
    function() nn.triplet_margin_loss(ml.zeros(2, 3), ml.zeros(2, 3), ml.zeros(2, 3), { magrin = 2 }) end)
end

function TestLosses:test_classes_are_integers()
  support.fails("dice_loss: target [2, 4] for input [2, 3, 4] must hold classes, integers from 1, got float32\n"
    .. "  hint: a mask has the shape of the input", function() nn.dice_loss(ml.zeros(2, 3, 4), ml.ones(2, 4)) end)
end

function TestLosses:test_cosine_similarity_names_its_dimension()
  support.fails("cosine_similarity: dim is 2, but x and y are [3] and [3]: name the dimension that holds the vectors, as in "
    .. "nn.cosine_similarity(x, y, -1)", function() nn.cosine_similarity(ml.ones(3), ml.ones(3)) end)
end

function TestLosses:test_a_wrong_word_is_named()
  support.fails('mse_loss: reduction must be one of "mean", "sum", "none", got "men"',
    function() nn.mse_loss(ml.ones(2), ml.ones(2), { reduction = "men" }) end)
end

TestCtc = {}

function TestCtc:test_padding_ends_a_target_as_a_length_does()
  local p = ml.randn(7, 2, 4):log_softmax(3)
  local short = nn.ctc_loss(p, ml.tensor { { 2, 3, 0 }, { 4, 0, 0 } }, nil, nil, { reduction = "none" })
  local told = nn.ctc_loss(p, ml.tensor { { 2, 3, 4 }, { 4, 2, 2 } }, nil, ml.tensor { 2, 1 }, { reduction = "none" })
  support.equal(short, told)
end

function TestCtc:test_what_stands_behind_a_length_does_not_count()
  local p = ml.randn(7, 1, 4):log_softmax(3)
  p.requires_grad = true
  nn.ctc_loss(p, ml.tensor { { 2, 3 } }, ml.tensor { 5 }):backward()
  support.equal(p.grad:slice(1, 6, 7), ml.zeros(2, 1, 4))
  lu.assertTrue(p.grad:slice(1, 1, 5):abs():sum():item() > 0)
end

function TestCtc:test_batch_first_is_the_same_turned()
  local p, target = ml.randn(5, 3, 4):log_softmax(3), ml.tensor { { 2, 3 }, { 4, 4 }, { 2, 0 } }
  support.equal(nn.ctc_loss(p:transpose(1, 2), target, nil, nil, { batch_first = true }), nn.ctc_loss(p, target))
end

-- 100 labels of probability 1e-4 each: a product of 1e-400, beyond any floating-point number.
function TestCtc:test_long_targets_do_not_underflow()
  local row = ml.tensor { 0.9999, 1e-4 }:log():reshape { 1, 1, 2 }
  local loss = nn.ctc_loss(row:expand(300, 1, 2), ml.full({ 1, 100 }, 2), nil, nil, { reduction = "sum" })
  lu.assertTrue(loss:item() > 700 and loss:item() < 921, tostring(loss))
end

function TestCtc:test_a_target_that_does_not_fit_is_infinite_or_counts_0()
  local p, target = ml.randn(2, 1, 3):log_softmax(3), ml.tensor { { 2, 2 } } -- needs a blank between
  lu.assertEquals(nn.ctc_loss(p, target):item(), math.huge)
  p.requires_grad = true
  local loss = nn.ctc_loss(p, target, nil, nil, { zero_infinity = true })
  loss:backward()
  lu.assertEquals(loss:item(), 0)
  support.equal(p.grad, ml.zeros(2, 1, 3))
end

function TestCtc:test_refuses_the_blank_in_a_target()
  support.fails("ctc_loss: target [1, 2] is the blank 1; labels are the other classes",
    function() nn.ctc_loss(ml.zeros(4, 1, 3), ml.tensor { { 2, 1 } }) end)
end

function TestCtc:test_refuses_a_class_that_is_not_there()
  support.fails("ctc_loss: target [1, 1] is 5, but there are 3 classes (1..3)",
    function() nn.ctc_loss(ml.zeros(4, 1, 3), ml.tensor { { 5 } }) end)
end

function TestCtc:test_a_target_of_the_other_order_gets_a_hint()
  support.fails("ctc_loss: target must be [2, S] for log_probability [4, 2, 3] (time, batch, classes), got [4, 1]\n"
    .. "  hint: {batch_first = true}", function() nn.ctc_loss(ml.zeros(4, 2, 3), ml.full({ 4, 1 }, 2)) end)
end

TestRecipeLosses = {}

function TestRecipeLosses:test_a_task_names_its_losses()
  local ok, message = pcall(losses.of, "dice", "multiclass")
  lu.assertFalse(ok)
  lu.assertEquals(message, "the loss 'dice' does not suit the task 'multiclass'; there are: cross_entropy, nll, focal")
end

function TestRecipeLosses:test_ctc_takes_logits_of_a_batch()
  local logits, y = ml.randn(2, 6, 4), ml.tensor { { 2, 3 }, { 4, 0 } }
  local expected = nn.ctc_loss(logits:log_softmax(3), y, ml.tensor { 6, 4 }, nil, { batch_first = true })
  support.equal(losses.of("ctc", "sequence")(logits, { y = y, lengths = ml.tensor { 6, 4 } }), expected)
end

function TestRecipeLosses:test_cosine_compares_directions()
  local x = ml.randn(4, 3)
  lu.assertAlmostEquals(losses.of("cosine", "regression")(x, { y = x * 3 }):item(), 0, 1e-6)
end

-- Each option reaches the function of nn.
for name, case in pairs {
  cross_entropy = { "multiclass", { label_smoothing = 0.1, weight = { 1, 2, 0.5 } }, function(x, y)
    return nn.cross_entropy(x, y, { label_smoothing = 0.1, weight = ml.tensor { 1, 2, 0.5 } })
  end },
  nll = { "multiclass", { weight = { 1, 2, 0.5 } }, function(x, y) return nn.nll_loss(x, y, { weight = ml.tensor { 1, 2, 0.5 } }) end },
  focal = { "multiclass", { gamma = 1, weight = { 1, 2, 0.5 } }, function(x, y)
    return nn.focal_loss(x, y, { gamma = 1, alpha = ml.tensor { 1, 2, 0.5 } })
  end },
  huber = { "regression", { delta = 0.3 }, function(x, _, z) return nn.huber_loss(x, z, { delta = 0.3 }) end },
  smooth_l1 = { "regression", { beta = 0.3 }, function(x, _, z) return nn.smooth_l1_loss(x, z, { beta = 0.3 }) end },
  poisson_nll = { "regression", { full = true }, function(x, _, z) return nn.poisson_nll_loss(x, z, { full = true }) end },
  kl_div = { "regression", { log_target = true }, function(x, _, z)
    return nn.kl_div(x, z, { log_target = true, reduction = "batchmean" })
  end },
  bce_with_logits = { "multilabel", { pos_weight = { 1, 2, 3 } }, function(x, _, z)
    return nn.bce_with_logits(x, z, { pos_weight = ml.tensor { 1.0, 2.0, 3.0 } })
  end },
} do
  TestRecipeLosses[("test_%s_has_the_options_of_nn"):format(name)] = function()
    local x, y, z = ml.randn(4, 3), ml.tensor { 1, 3, 2, 2 }, ml.rand(4, 3)
    local target = case[1] == "multiclass" and y or z
    support.close(losses.of(name, case[1], case[2])(x, { y = target }), case[3](x, y, z), 1e-6)
  end
end

function TestRecipeLosses:test_balanced_weights_are_fitted()
  local f, _, weights = losses.of("cross_entropy", "multiclass", { weight = "balanced" })
  local x, y = ml.randn(6, 4), ml.tensor { 1, 1, 1, 2, 0, 3 }
  support.equal(f(x, { y = y }), nn.cross_entropy(x, y)) -- not fitted yet: a recipe that is checked
  weights:fit(y)
  lu.assertEquals(weights.list, { 5 / 9, 5 / 3, 5 / 3 })
  local weight = ml.tensor { 5 / 9, 5 / 3, 5 / 3, 0.0 }
  support.close(f(x, { y = y }), nn.cross_entropy(x, y, { weight = weight }), 1e-6)
end

function TestRecipeLosses:test_pieces_are_weighed_by_the_weights_of_their_classes()
  local f = losses.of("cross_entropy", "multiclass", { weight = { 1, 2, 4 } })
  local _, over = f(ml.randn(4, 3), { y = ml.tensor { 3, 1, 0, 3 }, in_pieces = true })
  lu.assertEquals(over, 9)
end

function TestRecipeLosses:test_options_that_are_not_there()
  support.fails("the loss 'mse': unknown option 'delta'; there are none here", function() losses.of("mse", "regression", { delta = 1 }) end)
  support.fails("the loss 'cross_entropy': unknown option 'label_smothing'; did you mean 'label_smoothing'?",
    function() losses.of("cross_entropy", "multiclass", { label_smothing = 1 }) end)
  support.fails("loss_options.weight must be a list of numbers, one a class, or 'balanced', got 'balance'",
    function() losses.of("cross_entropy", "multiclass", { weight = "balance" }) end)
end
