-- Functions of one and two elements at the places where they are easily wrong.

local luaunit = require "luaunit"
local ml = require "moonlab"
local support = require "support"

local inf, nan = math.huge, 0 / 0

local function equal(x, list)
  local got = x:tolist()
  luaunit.assertEquals(#got, #list)
  for i, v in ipairs(list) do
    luaunit.assertTrue(got[i] == v or got[i] ~= got[i] and v ~= v, ("element %d is %s instead of %s"):format(i, got[i], v))
  end
end

TestFunctions = {}

function TestFunctions:test_round_takes_the_even_one_of_two_that_are_as_near()
  equal(ml.tensor { 0.5, 1.5, 2.5, -0.5, -1.5, 0.49999997, 8388609.0 }:round(), { 0, 2, 2, 0, -2, 0, 8388609 })
end

function TestFunctions:test_rounding_leaves_integers_alone()
  for _, name in ipairs { "floor", "ceil", "round", "trunc" } do
    for _, dtype in ipairs { "uint8", "int32", "int64" } do
      local x = ml.tensor({ 7, 0, 200 }, { dtype = dtype })
      luaunit.assertEquals(x[name](x).dtype, dtype)
      equal(x[name](x), { 7, 0, 200 })
    end
  end
  equal(ml.tensor { -7, math.mininteger }:ceil(), { -7, math.mininteger })
end

function TestFunctions:test_fmod_has_the_sign_of_x_and_remainder_that_of_y()
  equal(ml.tensor { 7, -7, 7, -7 }:fmod(ml.tensor { 4, 4, -4, -4 }), { 3, -3, 3, -3 })
  equal(ml.tensor { 7, -7, 7, -7 } % ml.tensor { 4, 4, -4, -4 }, { 3, 1, -1, -3 })
  equal(ml.tensor { math.mininteger }:fmod(-1), { 0 })
  equal(ml.tensor { 1.0, 5.5 }:fmod(0.0), { nan, nan })
end

function TestFunctions:test_fmod_of_integers_by_zero_is_an_error()
  support.fails("fmod: an integer divided by zero, at element 1\n  hint: x:float() gives inf or nan there", function() return ml.tensor { 1 }:fmod(0) end)
end

function TestFunctions:test_huge_angles_have_right_sines()
  local x = ml.tensor { 1e22, 3e38, 16777216.0, -1e30, 2.0 ^ 100 }
  local double = x:double()
  luaunit.assertTrue(x:sin():double():allclose(double:sin(), { rtol = 2e-7, atol = 0 }))
  luaunit.assertTrue(x:cos():double():allclose(double:cos(), { rtol = 2e-7, atol = 0 }))
end

function TestFunctions:test_logaddexp_of_infinities_is_not_nan()
  equal(ml.tensor { inf, -inf, inf, -inf }:logaddexp(ml.tensor { inf, -inf, 1.0, 1.0 }), { inf, -inf, inf, 1 })
end

function TestFunctions:test_xlogy_is_zero_where_x_is_and_nan_where_y_is()
  equal(ml.tensor { 0.0, 0.0, 0.0 }:xlogy(ml.tensor { 0.0, inf, nan }), { 0, 0, nan })
end

function TestFunctions:test_nan_to_num_gives_the_largest_number_of_the_type_for_infinity()
  equal(ml.tensor { inf, -inf, nan, 2.0 }:nan_to_num(), { 3.4028234663852886e38, -3.4028234663852886e38, 0, 2 })
  equal(ml.tensor { 1, 2 }:nan_to_num(), { 1, 2 })
  luaunit.assertEquals(ml.tensor({ inf, -inf }, { dtype = "float64" }):nan_to_num():tolist(), { 1.7976931348623157e308, -1.7976931348623157e308 })
end

function TestFunctions:test_lerp_is_exact_at_both_ends()
  local a, b = ml.tensor { 1e8, 0.1 }, ml.tensor { 0.3, 1e8 }
  equal(a:lerp(b, 0), a:tolist())
  equal(a:lerp(b, 1), b:tolist())
end

function TestFunctions:test_activations_let_nan_through()
  for _, name in ipairs { "relu6", "hardtanh", "hardsigmoid", "hardswish", "mish", "selu", "celu", "softsign", "logsigmoid", "hardshrink", "softshrink" } do
    local y = ml.tensor { nan, 1.0 }
    luaunit.assertTrue(y[name](y):isnan()[1]:item(), name)
  end
end
