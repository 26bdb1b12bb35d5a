-- Windows, sizes, borders, norms and branches: beside PyTorch's numbers, by properties, by differences.

local ml = require "moonlab"
local support = require "support"
local lu = require "luaunit"
local nn = ml.nn
local equal, close = support.equal, support.close

local function fails(text, f)
  local ok, message = pcall(f)
  lu.assertFalse(ok)
  lu.assertStrContains(tostring(message), text)
end

local function doubles(...)
  local x = ml.randn(...):double()
  x.requires_grad = true
  return x
end

TestPictures = {}

function TestPictures:test_a_convolution_is_a_product_with_unfolded_windows()
  local x, w = ml.randn(2, 3, 6, 5), ml.randn(4, 3, 3, 2)
  local o = { stride = 2, padding = 1 }
  local y = w:reshape(4, 18):matmul(nn.unfold(x, { 3, 2 }, o))
  local z = nn.conv2d(x, w, nil, o)
  close(y:reshape(z.shape), z, 1e-4)
end

function TestPictures:test_fold_of_unfold_counts_how_often_a_pixel_is_seen()
  local x = ml.ones(1, 1, 3, 3)
  equal(nn.fold(nn.unfold(x, 2), 3, 2), ml.tensor { { { { 1.0, 2.0, 1.0 }, { 2.0, 4.0, 2.0 }, { 1.0, 2.0, 1.0 } } } })
end

function TestPictures:test_gradients_of_windows_and_sizes_are_those_of_differences()
  ml.gradcheck(function(x) return (nn.unfold(x, 2, { padding = 1 }) ^ 2):sum() end, { doubles(1, 2, 3, 3) })
  ml.gradcheck(function(x) return (nn.fold(x, 3, 2) ^ 2):sum() end, { doubles(1, 8, 4) })
  ml.gradcheck(function(x) return (nn.interpolate(x, { size = { 5, 3 }, mode = "bilinear" }) ^ 2):sum() end, { doubles(1, 2, 3, 4) })
  ml.gradcheck(function(x) return (nn.pad(x, { 1, 2, 2, 0 }, { mode = "reflect" }) ^ 2):sum() end, { doubles(1, 3, 4) })
  ml.gradcheck(function(x, w) return (nn.rms_norm(x, w) ^ 3):sum() end, { doubles(3, 4), doubles(4) })
  ml.gradcheck(function(x, w, b) return (nn.group_norm(x, 2, w, b) ^ 3):sum() end, { doubles(2, 4, 3), doubles(4), doubles(4) })
end

function TestPictures:test_bilinear_is_that_of_pytorch()
  local x = ml.tensor { { { { 1.0, 2.0 }, { 3.0, 5.0 } } } }
  close(nn.interpolate(x, { scale_factor = 2, mode = "bilinear" })[1][1][2], ml.tensor { 1.5, 1.8125, 2.4375, 2.75 }, 1e-6)
  close(nn.interpolate(x, { size = 3, mode = "bilinear", align_corners = true })[1][1],
    ml.tensor { { 1.0, 1.5, 2.0 }, { 2.0, 2.75, 3.5 }, { 3.0, 4.0, 5.0 } }, 1e-6)
end

function TestPictures:test_nearest_repeats_pixels()
  equal(nn.Upsample { scale_factor = 2 }(ml.tensor { { { { 1.0, 2.0 } } } }), ml.tensor { { { { 1.0, 1.0, 2.0, 2.0 }, { 1.0, 1.0, 2.0, 2.0 } } } })
end

function TestPictures:test_pixel_shuffle_and_unshuffle_undo_each_other()
  local x = ml.randn(2, 8, 3, 2)
  equal(nn.pixel_unshuffle(nn.pixel_shuffle(x, 2), 2), x)
  equal(nn.pixel_shuffle(ml.tensor { 1.0, 2.0, 3.0, 4.0 }:reshape(1, 4, 1, 1), 2), ml.tensor { { { { 1.0, 2.0 }, { 3.0, 4.0 } } } })
end

function TestPictures:test_borders_reflect_replicate_and_go_round()
  local x = ml.tensor { 1, 2, 3 }
  equal(nn.pad(x, { 2, 1 }, { mode = "reflect" }), ml.tensor { 3, 2, 1, 2, 3, 2 })
  equal(nn.pad(x, { 2, 1 }, { mode = "replicate" }), ml.tensor { 1, 1, 1, 2, 3, 3 })
  equal(nn.pad(x, { 2, 1 }, { mode = "circular" }), ml.tensor { 2, 3, 1, 2, 3, 1 })
  fails("pad: reflect of dimension 1 of [3] takes sizes from 0 to 2, got {3, 0}", function() nn.pad(x, { 3, 0 }, { mode = "reflect" }) end)
end

function TestPictures:test_group_norm_of_one_group_is_layer_norm_and_of_all_is_a_channel_each()
  local x = ml.randn(2, 4, 3, 3)
  close(nn.GroupNorm(1)(x), nn.layer_norm(x, nil, nil, { dims = 3 }), 1e-5)
  close(nn.GroupNorm(4)(x)[1][2]:mean(), ml.tensor(0.0), 1e-5)
  fails("GroupNorm: the channels of [2, 4, 3, 3] do not fall into 3 groups", function() nn.GroupNorm(3)(x) end)
end

function TestPictures:test_rms_norm_divides_by_the_root_of_the_mean_square()
  close(nn.RMSNorm { eps = 0 }(ml.tensor { { 3.0, 4.0 } }), ml.tensor { { 3 / 12.5 ^ 0.5, 4 / 12.5 ^ 0.5 } }, 1e-6)
end

function TestPictures:test_parallel_gives_a_list_and_concat_joins()
  local a = nn.Parallel { nn.ReLU(), nn.Linear(3) }
  local results = a { ml.tensor { -1.0, 2.0 }, ml.ones(2, 4) }
  equal(results[1], ml.tensor { 0.0, 2.0 })
  lu.assertEquals(results[2].shape, { 2, 3 })
  local model = nn.Concat { nn.Conv2d(2, 1), nn.Conv2d(3, 3, { padding = "same" }) }
  lu.assertEquals(model(ml.ones(1, 4, 5, 5)).shape, { 1, 5, 5, 5 })
  lu.assertStrContains(tostring(model:summary { 4, 5, 5 }), "Concat")
end

TestPicturesRefuse = {}

local function each_fails(list)
  for _, case in ipairs(list) do fails(case[1], case[2]) end
end

function TestPicturesRefuse:test_a_window_that_is_none()
  local x, window = ml.ones(1, 1, 4, 4), ": the size of the window must be a positive integer or two of them, got "
  each_fails {
    { "unfold" .. window .. "nil", function() nn.unfold(x) end },
    { "unfold" .. window .. "'2'", function() nn.unfold(x, "2") end },
    { "unfold" .. window .. "2.5", function() nn.unfold(x, 2.5) end },
    { "fold" .. window .. "0", function() nn.fold(ml.ones(1, 4, 4), 4, 0) end },
    { "fold: the size of the pictures must be a positive integer or two of them, got nil", function() nn.fold(ml.ones(1, 4, 4), nil, 2) end },
    { "nn.Unfold" .. window .. "nil", function() nn.Unfold() end },
    { "nn.Fold" .. window .. "nil", function() nn.Fold(4) end },
    { "unfold: the window (5 x 5) is larger than the padded picture (4 x 4)", function() nn.unfold(x, 5) end },
  }
end

function TestPicturesRefuse:test_same_where_it_means_nothing()
  local same = { padding = "same" }
  for name, f in pairs { unfold = function() nn.unfold(ml.ones(1, 1, 4, 4), 2, same) end, ["nn.Fold"] = function() nn.Fold(4, 2, same) end,
    ["nn.ConvTranspose2d"] = function() nn.ConvTranspose2d(4, 3, same) end, ["nn.MaxPool2d"] = function() nn.MaxPool2d(2, same) end } do
    fails(name .. ": padding must be an integer from 0 or two of them, got 'same'", f)
  end
end

function TestPicturesRefuse:test_a_size_that_is_missing_or_said_twice()
  each_fails {
    { "nn.Upsample: size or scale_factor is needed: write nn.Upsample{scale_factor = 2", function() nn.Upsample {} end },
    { "nn.Upsample takes size or scale_factor, not both", function() nn.Upsample { size = 3, scale_factor = 2 } end },
    { "nn.Upsample: scale_factor must be a positive number or two of them, got -2", function() nn.Upsample { scale_factor = -2 } end },
    { "interpolate: bilinear mixes neighbours, so x must be float32 or float64, got int64",
      function() nn.interpolate(ml.ones(1, 1, 2, 2, { dtype = "int64" }), { size = 4, mode = "bilinear" }) end },
  }
end

function TestPicturesRefuse:test_borders_that_are_no_pairs()
  each_fails {
    { "nn.Pad: sizes must be a list, left and right of the last dimension", function() nn.Pad(1) end },
    { "got a list of 1", function() nn.pad(ml.ones(2, 2), { 1 }) end },
    { "pad: size 2 must be an integer, got 'x'", function() nn.pad(ml.ones(2, 2), { 1, "x" }, { mode = "circular" }) end },
    { "pad: 6 sizes are for 3 dimensions, [2, 2] has 2", function() nn.pad(ml.ones(2, 2), { 1, 1, 1, 1, 1, 1 }, { mode = "reflect" }) end },
  }
end

function TestPicturesRefuse:test_branches_without_inputs_or_layers()
  local two = function() return nn.Parallel { nn.Linear(2), nn.Linear(3) } end
  each_fails {
    { "Parallel: 1 inputs for 2 layers", function() two() { ml.ones(2, 4) } end },
    { "Parallel: the input must be a tensor or a list of them, one for each layer, got nil", function() two()() end },
    { "nn.Parallel: the list of layers is empty", function() nn.Parallel {} end },
    { "nn.Parallel takes one list of layers", function() nn.Parallel(nn.Linear(2)) end },
    { "nn.Concat: the list of layers is empty", function() nn.Concat {} end },
    { "nn.Concat takes a list of layers and the dimension to join (from 1, or -1 for the last), got 0",
      function() nn.Concat({ nn.Linear(2) }, 0) end },
  }
end

function TestPicturesRefuse:test_sizes_that_are_inferred()
  each_fails {
    { "nn.GroupNorm takes the groups and infers the channels: write nn.GroupNorm(8)", function() nn.GroupNorm(8, 64) end },
    { "nn.RMSNorm infers the size: write nn.RMSNorm()", function() nn.RMSNorm(512) end },
    { "nn.SinusoidalPosition infers the width: write nn.SinusoidalPosition()", function() nn.SinusoidalPosition(512) end },
    { "nn.RotaryPosition infers the width: write nn.RotaryPosition()", function() nn.RotaryPosition(64) end },
    { "nn.LearnedPosition takes the number of positions and infers the width: write nn.LearnedPosition(16)",
      function() nn.LearnedPosition(16, 8) end },
  }
end

TestGradOfGrad = {}

function TestGradOfGrad:test_grad_of_grad_is_the_second_derivative()
  local second = ml.grad(ml.grad(function(x) return (x ^ 3):sum() end))
  close(second(ml.tensor { 2.0 }), ml.tensor { 12.0 }, 1e-5)
  local third = ml.grad(ml.grad(ml.grad(function(x) return (x ^ 4):sum() end)))
  close(third(ml.tensor { 2.0 }), ml.tensor { 48.0 }, 1e-4)
end
