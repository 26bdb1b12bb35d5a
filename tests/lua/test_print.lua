-- What tensors look like.

local ml = require "moonlab"
local core = require "moonlab.core"
local lu = require "luaunit"

local function prints(x, expected) lu.assertEquals(tostring(x), expected) end

local function lines(x)
  local list = {}
  for line in tostring(x):gmatch "[^\n]+" do list[#list + 1] = line end
  return list
end

TestPrint = {}

function TestPrint:test_a_matrix()
  prints(ml.tensor { { 1.5, 2 }, { -3, 0.25 } }, "Tensor[2, 2] float32\n   1.50   2.00\n  -3.00   0.25")
end
function TestPrint:test_whole_numbers_have_no_point() prints(ml.ones(2), "Tensor[2] float32\n  1  1") end
function TestPrint:test_integers() prints(ml.tensor { 1, -20 }, "Tensor[2] int64\n    1  -20") end
function TestPrint:test_masks() prints(ml.tensor { true, false }, "Tensor[2] bool\n   true  false") end
function TestPrint:test_a_scalar_shows_its_value() prints(ml.tensor(3.5), "Tensor[] float32\n  3.5") end
function TestPrint:test_an_integer_scalar() prints(ml.tensor(7), "Tensor[] int64\n  7") end
function TestPrint:test_a_boolean_scalar() prints(ml.tensor(true), "Tensor[] bool\n  true") end
function TestPrint:test_nothing() prints(ml.zeros(0, 3), "Tensor[0, 3] float32") end
function TestPrint:test_four_digits() prints(ml.tensor { math.pi }, "Tensor[1] float32\n  3.1416") end

function TestPrint:test_what_is_not_finite()
  prints(ml.tensor { 0 / 0, 1 / 0, -1 / 0, 1.5 }, "Tensor[4] float32\n   nan   inf  -inf   1.5")
end

function TestPrint:test_small_numbers_get_an_exponent()
  prints(ml.tensor { 1.5e-5, -2e-5 }, "Tensor[2] float32\n   1.5000e-05  -2.0000e-05")
end

function TestPrint:test_large_numbers_get_an_exponent()
  prints(ml.tensor { 1.5e8, 1.0 }, "Tensor[2] float32\n  1.5000e+08  1.0000e+00")
end

function TestPrint:test_a_number_rounded_to_nothing_shows_its_digits()
  prints(ml.tensor { 1e-8, 1.0 }, "Tensor[2] float32\n  0.0000  1.0000")
end

function TestPrint:test_what_requires_gradients_says_so()
  prints(ml.ones(1, { requires_grad = true }), "Tensor[1] float32, requires grad\n  1")
end

function TestPrint:test_a_leaf_with_a_gradient_says_so()
  local x = ml.ones(1, { requires_grad = true })
  x:sum():backward()
  prints(x, "Tensor[1] float32, requires grad, has one\n  1")
end

function TestPrint:test_what_was_computed_says_so()
  prints(ml.ones(1, { requires_grad = true }) * 2, "Tensor[1] float32, made by mul\n  2")
end

function TestPrint:test_a_slot()
  prints(ml.nn.Linear(2).weight, "Tensor[?] float32, a parameter that its model's first call will build")
end
function TestPrint:test_a_shape_without_data()
  prints(core.shape_only { 2, 3 }, "Tensor[2, 3] float32, a shape without data")
end

function TestPrint:test_more_dimensions_have_titles()
  prints(ml.arange(1, 8):reshape(2, 2, 2), "Tensor[2, 2, 2] int64\n[1, :, :]\n  1  2\n  3  4\n[2, :, :]\n  5  6\n  7  8")
end

function TestPrint:test_columns_line_up_across_matrices()
  prints(ml.tensor { { { 1 } }, { { 100 } } }, "Tensor[2, 1, 1] int64\n[1, :, :]\n    1\n[2, :, :]\n  100")
end

function TestPrint:test_a_long_vector_is_cut()
  local shown = lines(ml.arange(1, 1000))
  lu.assertEquals({ shown[2]:sub(1, 12), shown[5], shown[#shown]:sub(-5) }, { "     1     2", "  ...", " 1000" })
end

function TestPrint:test_a_wide_matrix_is_cut_in_the_middle()
  lu.assertEquals(lines(ml.ones(1, 1000))[2], ("  1"):rep(12) .. "  ..." .. ("  1"):rep(12))
end

function TestPrint:test_a_tall_matrix_is_cut_in_the_middle()
  local shown = lines(ml.arange(1, 100):reshape(100, 1))
  lu.assertEquals({ #shown, shown[2], shown[12], shown[#shown] }, { 22, "    1", "  ...", "  100" })
end

function TestPrint:test_never_more_than_a_screen()
  for _, shape in ipairs { { 1000000 }, { 1000, 1000 }, { 64, 1, 28, 28 }, { 10, 10, 10, 10, 10 }, { 1, 1, 500, 500 },
    { 3, 6, 6 } } do
    local shown = lines(ml.randn(shape) * 1000)
    lu.assertTrue(#shown <= 24, table.concat(shape, "x") .. " takes lines: " .. #shown)
    for _, line in ipairs(shown) do lu.assertTrue(#line <= 80, line) end
  end
end

function TestPrint:test_reads_a_view_in_its_own_order()
  prints(ml.tensor { { 1, 2 }, { 3, 4 } }:transpose(), "Tensor[2, 2] int64\n  1  3\n  2  4")
end

function TestPrint:test_leaves_the_graph_alone()
  local x = ml.ones(2, { requires_grad = true })
  tostring(x * 2)
  lu.assertNil(x.grad)
end

TestDescribe = {}

function TestDescribe:test_counts_and_moments()
  local text = tostring(ml.tensor { 1.0, 2.0, 3.0, 0 / 0, 1 / 0 }:describe())
  lu.assertEquals(text:match "^(.-\n.-\n.-)\n",
    "Tensor[5] float32\n  5 elements, 1 NaN, 1 infinite\n  min 1  max 3  mean 2  std 1")
end

function TestDescribe:test_numbers_can_be_taken() lu.assertEquals(ml.tensor { 1.0, 3.0 }:describe().mean, 2) end
function TestDescribe:test_histogram()
  lu.assertEquals(ml.arange(1, 20):describe().histogram, { 2, 2, 2, 2, 2, 2, 2, 2, 2, 2 })
end

function TestDescribe:test_bars_are_as_long_as_their_counts()
  local bars = {}
  for bar in tostring(ml.tensor { 0, 0, 9 }:describe()):gmatch "#+" do bars[#bars + 1] = #bar end
  lu.assertEquals(bars, { 40, 20 })
end

function TestDescribe:test_one_value_has_no_histogram()
  lu.assertEquals(tostring(ml.ones(3):describe()), "Tensor[3] float32\n  3 elements, 0 NaN, 0 infinite\n  min 1  max 1  mean 1  std 0")
end

function TestDescribe:test_nothing()
  lu.assertEquals(tostring(ml.zeros(0):describe()), "Tensor[0] float32\n  0 elements, 0 NaN, 0 infinite")
end

function TestDescribe:test_masks() lu.assertEquals(ml.tensor { true, false }:describe().mean, 0.5) end
