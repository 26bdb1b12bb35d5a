--- What the tests of the library share.

local luaunit = require "luaunit"

local support = {}

local function place_free(message)
  message = tostring(message)
  local rest, found = message:gsub("^[^\n:]*tests/lua/test_[%w_]+%.lua:%d+: ", "")
  rest = rest:gsub("tests/lua/test_[%w_]+%.lua:%d+", "TEST:LINE")
  return rest, found == 1
end

--- f raises exactly this message, with a position of the test's own file in front (which is left out, and other
-- positions in it are TEST:LINE).
function support.fails(expected, f, ...)
  local ok, message = pcall(f, ...)
  luaunit.assertFalse(ok, "no error was raised")
  local text, has_place = place_free(message)
  luaunit.assertEquals(text, expected)
  luaunit.assertTrue(has_place, "the position of the test is not in front of: " .. tostring(message))
end

--- support.fails with arguments for the function, which `call`, a function of the test's own file, calls with them.
function support.refuses(call)
  return function(expected, f, ...) support.fails(expected, call, f, ...) end
end

--- Two tensors, or a tensor and nested tables, have one shape and elements that differ by at most tolerance.
function support.close(actual, expected, tolerance)
  local core = require "moonlab.core"
  if type(expected) == "table" then expected = core.tensor(expected, { dtype = actual.dtype }) end
  luaunit.assertEquals(actual.shape, expected.shape)
  if not actual:allclose(expected, { rtol = 0, atol = tolerance }) then
    luaunit.fail(("differs by more than %g:\n%s\nexpected\n%s"):format(tolerance, tostring(actual), tostring(expected)))
  end
end

--- Two tensors (or a tensor and nested tables) are equal, bit for bit.
function support.equal(actual, expected) support.close(actual, expected, 0) end

--- The numbers of tests/fixtures/make_attention.py: a tensor of this shape, the `number`-th of a case.
function support.pattern(shape, number, dtype)
  local list, count = {}, 1
  for _, size in ipairs(shape) do count = count * size end
  for i = 0, count - 1 do list[i + 1] = math.sin(0.7 * i + 1.3 * number) + 0.1 * math.cos(2.9 * i) end
  return require "moonlab.core".tensor(list, { dtype = dtype }):reshape(shape)
end

--- A tensor has this shape and, within a tolerance (absolute and relative), the elements that an oracle's list holds.
function support.agrees(actual, list, shape, tolerance, what)
  luaunit.assertEquals(actual.shape, shape, what)
  local expected = require "moonlab.core".tensor(list, { dtype = "float64" }):reshape(shape)
  local got = actual:detach():double()
  if not got:allclose(expected, { rtol = tolerance, atol = tolerance }) then
    luaunit.fail(("%s: %s\nexpected %s"):format(what, tostring(got), tostring(expected)))
  end
end

--- A path in a fresh folder; it is removed when the function that gets it returns.
function support.with_folder(f)
  local folder = os.tmpname()
  os.remove(folder)
  assert(os.execute("mkdir " .. folder))
  local ok, failure = pcall(f, folder)
  os.execute("rm -r " .. folder)
  if not ok then error(failure, 0) end
end

return support
