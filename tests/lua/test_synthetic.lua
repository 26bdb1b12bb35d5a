-- Made data: that it is what was asked for, that the same seed makes the same bits, that it says it is synthetic.

local ml = require "moonlab"
local lu = require "luaunit"
local core = require "moonlab.core"
local support = require "support"
local oracle = dofile "tests/fixtures/synthetic.lua"
local data = ml.data

local function std(x) return x:std({ correction = 0 }):item() end

local function rows_of_class(set, class)
  return set:column("x"):index_select(1, set:labels():eq(class):nonzero():reshape { -1 })
end

local function class_counts(set) return set:labels():bincount():tolist() end

-- The correlation of two vectors.
local function correlation(a, b)
  a, b = a:double() - a:double():mean(), b:double() - b:double():mean()
  return ((a * b):sum() / ((a * a):sum() * (b * b):sum()):sqrt()):item()
end

-- What is left of y when it is explained by the columns of x and a constant, as its largest element.
local function unexplained(x, y)
  x = ml.cat({ x:double(), ml.ones(#x, 1, { dtype = "float64" }) }, 2)
  local solution = ml.linalg.lstsq(x, y:double())
  return (x:matmul(solution) - y:double()):abs():max():item()
end

TestMade = {}

local MAKERS = {
  make_blobs = {}, make_moons = { noise = 0.1 }, make_circles = { noise = 0.1 }, make_spirals = { noise = 0.1 },
  make_classification = {}, make_regression = { noise = 1, features = 12 }, make_series = { noise = 1, missing = 0.1 },
}

for name, given in pairs(MAKERS) do
  local function make(seed, more)
    local o = { seed = seed }
    for _, from in ipairs { given, more or {} } do for key, value in pairs(from) do o[key] = value end end
    return data[name](o)
  end
  local function bits(set) return set:column("x"):reshape({ -1 }):tolist(), set:column("y"):nan_to_num():tolist() end

  TestMade[("test_%s_is_tagged_synthetic_with_its_parts"):format(name)] = function()
    local set = make(1)
    lu.assertEquals({ set.synthetic, set.name, set:describe().kind, set:describe().maker, set:describe().seed },
      { true, "synthetic/" .. name, "synthetic", name, 1 })
    local parts = ml.split.parts(set, { valid = 0.2 })
    lu.assertTrue(parts.train.synthetic and parts.valid.synthetic and parts.valid:normalised({ mean = 0, std = 1 }).synthetic)
  end

  TestMade[("test_%s_gives_the_same_bits_for_the_same_seed_on_any_threads"):format(name)] = function()
    local x, y = bits(make(3))
    local before = core.threads()
    for _, threads in ipairs { 1, 7 } do
      core.threads(threads)
      local again_x, again_y = bits(make(3))
      lu.assertEquals(again_x, x)
      lu.assertEquals(again_y, y)
    end
    core.threads(before)
    ml.manual_seed(3)
    lu.assertEquals((bits(make())), x)
    ml.manual_seed(0)
    lu.assertNotEquals({ bits(make(4)) }, { x, y })
  end

  TestMade[("test_%s_makes_as_many_rows_as_asked"):format(name)] = function()
    for _, n in ipairs { 1, 2, 7, 50 } do
      local set = make(1, { n = n })
      lu.assertEquals({ #set, #set:column "x", #set:column "y" }, { n, n, n })
      lu.assertEquals(set:column("x").dtype, "float32")
    end
  end

  TestMade[("test_%s_refuses_unknown_options"):format(name)] = function()
    support.fails(("%s: unknown option 'seeed'; did you mean 'seed'?"):format(name), function() data[name] { seeed = 1 } end)
  end
end

TestShapes = {}

function TestShapes:test_moons_and_circles_are_those_of_the_oracle()
  local moons = data.make_moons { n = 11, shuffle = false }
  support.close(moons:column "x", oracle.moons.x, 1e-6)
  lu.assertEquals(moons:labels():tolist(), oracle.moons.y)
  local circles = data.make_circles { n = 9, shuffle = false, factor = 0.3 }
  support.close(circles:column "x", oracle.circles.x, 1e-6)
  lu.assertEquals(circles:labels():tolist(), oracle.circles.y)
end

function TestShapes:test_noise_has_the_deviation_asked_for()
  local clean, noisy = data.make_moons { n = 4000, shuffle = false }, data.make_moons { n = 4000, noise = 0.2, shuffle = false, seed = 1 }
  local noise = noisy:column "x" - clean:column "x"
  lu.assertAlmostEquals(std(noise), 0.2, 4 * 0.2 / math.sqrt(2 * 8000))
  lu.assertAlmostEquals(noise:mean():item(), 0, 4 * 0.2 / math.sqrt(8000))
end

function TestShapes:test_shuffling_keeps_each_row_together()
  local set = data.make_circles { n = 200, factor = 0.5, seed = 1 }
  local radius = set:column("x"):square():sum(2):sqrt()
  support.close(radius, ml.where(set:labels():eq(1), 1.0, 0.5), 1e-6)
  lu.assertNotEquals(set:labels():tolist(), data.make_circles({ n = 200, shuffle = false }):labels():tolist())
end

function TestShapes:test_blobs_have_the_centers_deviations_and_sizes_asked_for()
  local centers = ml.tensor { { 0.0, 5.0, -5.0 }, { 20.0, 0.0, 3.0 } }
  local set = data.make_blobs { n = { 3000, 1000 }, centers = centers, std = { 0.5, 2.0 }, seed = 2 }
  lu.assertEquals(class_counts(set), { 3000, 1000 })
  for class, deviation in ipairs { 0.5, 2.0 } do
    local x = rows_of_class(set, class)
    support.close(x:mean(1), centers:select(1, class), 4 * deviation / math.sqrt(#x))
    support.close(x:std(1), ml.full({ 3 }, deviation), 4 * deviation / math.sqrt(2 * #x))
  end
end

function TestShapes:test_blobs_are_drawn_in_their_box()
  local centers = data.make_blobs({ centers = 200, n = 200, box = { 2, 3 } }).centers
  lu.assertEquals(centers.shape, { 200, 2 })
  lu.assertTrue(centers:min():item() >= 2 and centers:max():item() < 3 and std(centers) > 0.25)
end

function TestShapes:test_arms_of_a_spiral_are_turned_copies()
  local set = data.make_spirals { n = 90, classes = 3, turns = 1, shuffle = false }
  lu.assertEquals(class_counts(set), { 30, 30, 30 })
  local first, second = rows_of_class(set, 1), rows_of_class(set, 2)
  local c, s = math.cos(2 * math.pi / 3), math.sin(2 * math.pi / 3)
  support.close(first:matmul(ml.tensor { { c, s }, { -s, c } }), second, 1e-6)
  support.close(first:square():sum(2):sqrt(), ml.linspace(0, 1, 30), 1e-6)
end

function TestShapes:test_what_can_not_be_made_is_an_error()
  support.fails("make_moons: noise must be from 0, got -1", function() data.make_moons { noise = -1 } end)
  support.fails("make_circles: factor must be from 0 to 1, got 1.5", function() data.make_circles { factor = 1.5 } end)
  support.fails("make_blobs: std has 2 numbers for 3 centers", function() data.make_blobs { std = { 1, 2 } } end)
  support.fails("make_blobs: n must be a positive integer, got 2.5", function() data.make_blobs { n = 2.5 } end)
  support.fails("make_blobs: centers are a tensor [centers, features], got [3]", function() data.make_blobs { centers = ml.zeros(3) } end)
  support.fails("make_blobs: centers is how many there are, or a tensor [centers, features]; got 'two'",
    function() data.make_blobs { centers = "two" } end)
end

TestMakeClassification = {}

local function columns(x, list) return x:index_select(2, ml.tensor(list)) end

function TestMakeClassification:test_classes_have_the_weights_asked_for()
  lu.assertEquals(class_counts(data.make_classification { n = 1000, classes = 3, informative = 3, flip = 0 }), { 334, 333, 333 })
  lu.assertEquals(class_counts(data.make_classification { n = 1000, weights = { 0.9, 0.1 }, flip = 0 }), { 900, 100 })
end

function TestMakeClassification:test_flips_the_share_of_classes_asked_for()
  local function labels(flip)
    return data.make_classification({ n = 6000, classes = 3, informative = 3, flip = flip, shuffle = false, seed = 1 }):labels()
  end
  local changed = labels(0.3):ne(labels(0)):sum():item() / 6000 -- a third of those that are drawn anew stay
  lu.assertAlmostEquals(changed, 0.2, 4 * math.sqrt(0.2 * 0.8 / 6000))
  for _, count in ipairs(labels(0.3):bincount():tolist()) do lu.assertAlmostEquals(count, 2000, 4 * math.sqrt(6000 * 0.3 * 2 / 9)) end
end

function TestMakeClassification:test_redundant_features_are_mixtures_of_the_informative_and_repeated_ones_copies()
  local set = data.make_classification { n = 300, features = 12, informative = 3, redundant = 4, repeated = 2, seed = 5 }
  local x = set:column "x"
  lu.assertEquals({ #set.informative, #set.redundant, #set.repeated }, { 3, 4, 2 })
  local informative = columns(x, set.informative)
  lu.assertTrue(unexplained(informative, columns(x, set.redundant)) < 1e-4)
  local mixed = set.informative
  for _, list in ipairs { set.redundant } do mixed = table.move(list, 1, #list, #mixed + 1, table.move(mixed, 1, #mixed, 1, {})) end
  for _, copy in ipairs(set.repeated) do
    local same = 0
    for _, column in ipairs(mixed) do
      if x:select(2, column):equal(x:select(2, copy)) then same = same + 1 end
    end
    lu.assertEquals(same, 1)
  end
end

function TestMakeClassification:test_other_features_are_normal_noise()
  local set = data.make_classification { n = 3000, features = 6, informative = 2, redundant = 1, shuffle = false, seed = 2 }
  for column = 4, 6 do
    local noise = set:column("x"):select(2, column)
    lu.assertAlmostEquals(noise:mean():item(), 0, 4 / math.sqrt(3000))
    lu.assertAlmostEquals(std(noise), 1, 4 / math.sqrt(6000))
    lu.assertAlmostEquals(correlation(noise, set:labels()), 0, 4 / math.sqrt(3000))
  end
end

function TestMakeClassification:test_clusters_stand_at_corners_as_far_apart_as_asked()
  local set = data.make_classification {
    n = 4000, features = 3, informative = 3, redundant = 0, classes = 8, clusters = 1, separation = 5, flip = 0,
  }
  local seen = {}
  for class = 1, 8 do
    local mean = rows_of_class(set, class):mean(1)
    support.close(mean:abs(), ml.full({ 3 }, 5.0), 0.4)
    seen[table.concat(mean:sign():long():tolist(), " ")] = true
  end
  local corners = 0
  for _ in pairs(seen) do corners = corners + 1 end
  lu.assertEquals(corners, 8)
end

function TestMakeClassification:test_shift_and_scale_move_all_features()
  local a = data.make_classification({ seed = 1 }):column "x"
  local b = data.make_classification({ seed = 1, shift = 2, scale = 3 }):column "x"
  support.close(b, (a + 2) * 3, 1e-5)
end

function TestMakeClassification:test_what_can_not_be_made_is_an_error()
  support.fails("make_classification: 2 informative, 2 redundant and 0 repeated features are more than 3 features",
    function() data.make_classification { features = 3 } end)
  support.fails("make_classification: 6 clusters (3 classes x 2) need a corner each, and 2 informative features have 4",
    function() data.make_classification { classes = 3 } end)
  support.fails("make_classification: weights has 3 numbers for 2 classes", function() data.make_classification { weights = { 1, 1, 1 } } end)
  support.fails("make_classification: flip must be from 0 to 1, got 2", function() data.make_classification { flip = 2 } end)
end

TestMakeRegression = {}

function TestMakeRegression:test_y_is_what_the_coefficients_say()
  for _, targets in ipairs { 1, 3 } do
    local set = data.make_regression { n = 50, features = 8, informative = 3, targets = targets, bias = 7, seed = 1 }
    local y = set:column("x"):matmul(set.coefficients) + 7
    support.close(set:column "y", y, 1e-3)
    lu.assertEquals(set.coefficients:ne(0):sum():item(), 3 * targets)
    lu.assertTrue(set.coefficients:max():item() < 100 and set.coefficients:min():item() >= 0)
  end
end

function TestMakeRegression:test_noise_has_the_deviation_asked_for()
  local set = data.make_regression { n = 5000, features = 4, informative = 4, noise = 3, seed = 1 }
  local noise = set:column "y" - set:column("x"):matmul(set.coefficients)
  lu.assertAlmostEquals(std(noise), 3, 4 * 3 / math.sqrt(10000))
  lu.assertAlmostEquals(noise:mean():item(), 0, 4 * 3 / math.sqrt(5000))
end

function TestMakeRegression:test_features_are_independent_unless_a_rank_is_asked_for()
  local x = data.make_regression({ n = 4000, features = 5, informative = 2 }):column "x"
  for i = 1, 4 do lu.assertAlmostEquals(correlation(x:select(2, i), x:select(2, i + 1)), 0, 4 / math.sqrt(4000)) end
  local low = data.make_regression({ n = 60, features = 20, rank = 3, tail = 0.01 }):column "x"
  local _, values = ml.linalg.svd(low)
  local expected = {}
  for i = 0, 19 do expected[i + 1] = 0.99 * math.exp(-(i / 3) ^ 2) + 0.01 * math.exp(-0.1 * i / 3) end
  support.close(values, expected, 1e-5)
end

TestMakeSeries = {}

function TestMakeSeries:test_is_the_sum_of_its_pieces()
  local seasons = { { period = 7, amplitude = 2 }, { period = 30 } }
  local set = data.make_series { n = 200, level = 3, trend = 0.5, seasons = seasons, noise = 0.4, seed = 1 }
  support.close(set:column "y", set:column "trend" + set:column "season" + set:column "noise", 1e-5)
  lu.assertEquals(set:column("time"):tolist(), ml.arange(1, 200):tolist())
  support.close(set:column "trend", ml.arange(1, 200):float() * 0.5 + 2.5, 1e-4)
end

function TestMakeSeries:test_seasons_come_again_with_their_period_and_amplitude()
  local season = data.make_series({ n = 140, seasons = { { period = 14, amplitude = 3, phase = 2 } } }):column "season"
  support.close(season:slice(1, 1, 126), season:slice(1, 15, 140), 1e-5)
  lu.assertAlmostEquals(std(season), 3 / math.sqrt(2), 1e-4)
  lu.assertAlmostEquals(season[1]:item(), 3 * math.sin(2 * math.pi * 2 / 14), 1e-5)
end

function TestMakeSeries:test_noise_has_the_deviation_asked_for_and_no_memory()
  local noise = data.make_series({ n = 5000, noise = 2, seed = 3 }):column "noise"
  lu.assertAlmostEquals(std(noise), 2, 4 * 2 / math.sqrt(10000))
  lu.assertAlmostEquals(correlation(noise:slice(1, 1, 4999), noise:slice(1, 2, 5000)), 0, 4 / math.sqrt(5000))
end

function TestMakeSeries:test_as_many_values_are_missing_as_asked()
  local with, without = data.make_series { n = 200, noise = 1, missing = 0.15, seed = 1 }, data.make_series { n = 200, noise = 1, seed = 1 }
  local missing = with:column("y"):isnan()
  lu.assertEquals(missing:sum():item(), 30)
  support.equal(ml.where(missing, without:column "y", with:column "y"), without:column "y")
end

function TestMakeSeries:test_a_season_needs_a_period()
  support.fails("make_series: season 1 needs a period above 0, in steps; got nil", function() data.make_series { seasons = { { amplitude = 2 } } } end)
  support.fails("make_series: a season: unknown option 'perid'; did you mean 'period'?",
    function() data.make_series { seasons = { { perid = 2 } } } end)
end

TestJitter = {}

local function base() return data.tensors { x = ml.randn(50, 3, { key = 1 }), y = ml.randint(1, 2, { 50 }, { key = 2 }) } end

local function whole(set) return set:batches({ size = #set })() end

function TestJitter:test_originals_come_first_and_each_copy_knows_its_origin()
  local set = base()
  local batch = whole(data.jitter(set, { copies = 2, std = 0.1, seed = 1 }))
  lu.assertEquals(batch.x.shape, { 150, 3 })
  support.equal(batch.x:slice(1, 1, 50), set:column "x")
  lu.assertEquals(batch.origin:tolist(), ml.cat({ ml.arange(1, 50), ml.arange(1, 50), ml.arange(1, 50) }, 1):tolist())
  lu.assertEquals(batch.synthetic:tolist(), ml.arange(1, 150):gt(50):tolist())
  lu.assertEquals(batch.y:slice(1, 101, 150):tolist(), set:labels():tolist())
  lu.assertEquals(data.jitter(set):labels():tolist(), ml.cat({ set:labels(), set:labels() }, 1):tolist())
end

function TestJitter:test_noise_has_the_deviation_asked_for_and_differs_between_copies()
  local set = data.tensors { x = ml.zeros(1000, 3) }
  local x = whole(data.jitter(set, { copies = 2, std = ml.tensor { 0.1, 1.0, 5.0 }, originals = false, seed = 1 })).x
  lu.assertEquals(#x, 2000)
  support.close(x:std(1) / ml.tensor { 0.1, 1.0, 5.0 }, ml.ones(3), 4 / math.sqrt(4000))
  lu.assertAlmostEquals(correlation(x:slice(1, 1, 1000):select(2, 1), x:slice(1, 1001, 2000):select(2, 1)), 0, 4 / math.sqrt(1000))
end

function TestJitter:test_a_copy_does_not_depend_on_its_batch()
  local set = data.jitter(base(), { copies = 2, seed = 1 })
  local x = whole(set).x
  for batch in set:batches { size = 7, shuffle = true } do support.equal(batch.x, x:index_select(1, batch.rows)) end
end

function TestJitter:test_is_tagged_and_copies_of_a_row_stay_together_however_it_is_cut()
  local set = data.jitter(base(), { copies = 2 })
  lu.assertEquals({ set.synthetic, set.name, set:describe().maker }, { true, "synthetic/jitter(tensors)", "jitter" })
  local function assert_apart(train, valid)
    lu.assertEquals(#train:column("origin"):unique() + #valid:column("origin"):unique(), 50)
  end
  for _, stratify in ipairs { false, true } do
    local parts = ml.split.parts(set, { valid = 0.3, stratify = stratify })
    assert_apart(parts.train, parts.valid)
    for _, fold in ipairs(ml.kfold(5, { stratify = stratify }):folds(set)) do assert_apart(set:part(fold.train), set:part(fold.test)) end
  end
  local parts = ml.split.parts(data.concat { set }, { valid = 0.3 })
  assert_apart(parts.train, parts.valid)
  parts = ml.split.parts(parts.train, { valid = 0.4 })
  lu.assertEquals({ #parts.train, #parts.valid }, { 3 * 21, 14 })
end

function TestJitter:test_copies_train_with_their_row_and_are_held_out_with_none()
  local set = data.jitter(base(), { copies = 2 })
  local parts = ml.split.parts(set, { valid = 0.2, test = 0.2 })
  lu.assertEquals({ #parts.train, #parts.valid, #parts.test }, { 3 * 30, 10, 10 })
  lu.assertFalse(parts.valid:column("synthetic"):any():item() or parts.test:column("synthetic"):any():item())
  for _, fold in ipairs(ml.kfold(5, { stratify = true }):folds(set)) do
    lu.assertFalse(set:part(fold.test):column("synthetic"):any():item())
    lu.assertEquals({ #fold.train + 3 * #fold.test, fold.train:tolist() }, { 150, fold.train:sort(1):tolist() })
  end
  parts = ml.split.parts(data.jitter(base(), { copies = 2, hold_out = true }), { valid = 0.2 })
  lu.assertEquals({ #parts.train, #parts.valid }, { 120, 30 })
  parts = ml.split.parts(data.jitter(base(), { originals = false }), { valid = 0.2 })
  lu.assertEquals({ #parts.train, #parts.valid }, { 40, 10 })
end

function TestJitter:test_copies_of_later_rows_do_not_train_the_past()
  local set = data.jitter(data.tensors { x = ml.randn(20, 1), day = ml.arange(1, 20) })
  for _, fold in ipairs(ml.split.time_series_folds(3, { time = "day" }):folds(set)) do
    lu.assertTrue(set:part(fold.train):column("day"):max():item() < set:part(fold.test):column("day"):min():item())
    lu.assertEquals(#fold.train, 2 * set:part(fold.test):column("day"):min():item() - 2)
  end
end

TestMadeBehindReal = {}

local function real_and_made(o)
  local moons = data.make_moons { n = 40, seed = 1 }
  o = o or {}
  o[1], o[2] = data.tensors { x = ml.randn(60, 2, { key = 3 }), y = ml.randint(1, 2, { 60 }, { key = 4 }), classes = moons.classes }, moons
  return data.concat(o)
end

local function made_in(part) return part:column("source"):eq(2):sum():item() end

function TestMadeBehindReal:test_no_split_and_no_fold_holds_made_rows_out()
  local set = real_and_made()
  local parts = ml.split.parts(set, { valid = 0.25, test = 0.25, stratify = true })
  lu.assertEquals({ made_in(parts.train), made_in(parts.valid), made_in(parts.test), #parts.test }, { 40, 0, 0, 15 })
  for _, folds in ipairs { ml.kfold(4, { stratify = true }):folds(set), ml.chunks({ n = 10, test = 3 }):folds(set), ml.split.leave_one_out():folds(set) } do
    local tested = 0
    for i = 1, #folds do
      lu.assertEquals({ made_in(set:part(folds[i].train)), made_in(set:part(folds[i].test)) }, { 40, 0 })
      tested = tested + #folds[i].test
    end
    lu.assertTrue(tested % 60 == 0)
  end
end

function TestMadeBehindReal:test_classes_and_groups_may_be_given_for_all_rows()
  local set, groups = real_and_made(), {}
  for i = 1, 100 do groups[i] = "g" .. i % 7 end
  for _, fold in ipairs(ml.kfold(3, { group = true }):folds(set, { groups = groups })) do lu.assertEquals(made_in(set:part(fold.test)), 0) end
end

function TestMadeBehindReal:test_they_are_held_out_where_that_is_asked_for_or_there_is_nothing_else()
  lu.assertTrue(made_in(ml.split.parts(real_and_made { hold_out = true }, { valid = 0.5 }).valid) > 0)
  lu.assertEquals(#ml.split.parts(data.make_moons { n = 40 }, { valid = 0.25 }).valid, 10)
  lu.assertEquals(#ml.split.parts(data.concat { data.make_moons { n = 40 }, data.make_moons { n = 40 } }, { valid = 0.25 }).valid, 20)
end

function TestMadeBehindReal:test_pictures_that_are_kept_together_and_made_ones_go_together()
  local set = data.concat { data.jitter(real_and_made().sets[1]), data.jitter(data.make_moons { n = 10 }) }
  lu.assertEquals(#ml.split.parts(set, { valid = 0.2 }).valid, 14)
end

function TestJitter:test_folds_that_would_part_copies_are_refused()
  local set = data.jitter(base())
  support.fails("leave_one_out: synthetic/jitter(tensors) has copies of rows, which would train and test at once; "
    .. "ml.split.leave_one_group_out{group = 'origin'} leaves them out together", function() ml.split.leave_one_out():folds(set) end)
  support.fails("time_series_folds: synthetic/jitter(tensors) has copies of rows, which would train and test at once; give the times",
    function() ml.split.time_series_folds(3):folds(set) end)
end

function TestJitter:test_comes_before_the_normalisation()
  local set = data.jitter(data.tensors { x = ml.zeros(500, 1) }, { std = 10, originals = false })
  local x = whole(set:normalised({ mean = 5, std = 100 })).x
  lu.assertAlmostEquals(std(x), 0.1, 0.02)
  lu.assertAlmostEquals(x:mean():item(), -0.05, 0.02)
end

function TestJitter:test_of_a_tensor_is_a_tensor()
  local x = ml.randn(40, 2, { key = 1 })
  local more = data.jitter(x, { copies = 3, std = 0.5, seed = 1 })
  lu.assertEquals(more.shape, { 160, 2 })
  support.equal(more:slice(1, 1, 40), x)
  lu.assertEquals(#data.jitter(x, { copies = 3, originals = false }), 120)
  support.equal(more, data.jitter(x, { copies = 3, std = 0.5, seed = 1 }))
end

function TestJitter:test_of_ids_is_an_error()
  support.fails("jitter: noise is added to floating numbers, and the tensor is int64", function() data.jitter(ml.arange(1, 3)) end)
  support.fails("tensors: noise is added to floating numbers, and x is int64",
    function() data.jitter(data.tensors { x = ml.arange(1, 3) }):batches()() end)
  support.fails("jitter: std must be a number or a tensor, got 'much'", function() data.jitter(base(), { std = "much" }) end)
  support.fails("jitter: a data set or a tensor is needed, got 3", function() data.jitter(3) end)
end
