-- JSON is written with shortest numbers in a fixed order, and read strictly.

local json = require "moonlab.json"
local lu = require "luaunit"

local function fails(expected, f, ...)
  local ok, message = pcall(f, ...)
  lu.assertFalse(ok)
  lu.assertEquals(message, expected)
end

TestJsonEncode = {}

function TestJsonEncode:test_keys_are_sorted()
  lu.assertEquals(json.encode { b = 1, a = { d = true, c = "x" } }, '{"a": {"c": "x", "d": true}, "b": 1}')
end
function TestJsonEncode:test_an_object_keeps_the_order_it_is_given_and_leaves_nil_out()
  lu.assertEquals(json.encode(json.object { { "z", 1 }, { "gone", nil }, { "a", false } }), '{"z": 1, "a": false}')
end
function TestJsonEncode:test_lists_and_empty_ones()
  lu.assertEquals(json.encode { { 1, 2 }, json.list(), {} }, "[[1, 2], [], {}]")
end
function TestJsonEncode:test_numbers_are_the_shortest_that_read_back()
  lu.assertEquals(json.encode { 0.1, 1 / 3, 1e300, 2.0, -0.0, 5e-324, 123456789.25 },
    "[0.1, 0.3333333333333333, 1e+300, 2.0, -0.0, 4.94066e-324, 123456789.25]")
  lu.assertEquals(json.encode { math.mininteger, math.maxinteger }, "[-9223372036854775808, 9223372036854775807]")
end
function TestJsonEncode:test_what_is_not_finite_is_null()
  lu.assertEquals(json.encode { 0 / 0, math.huge, -math.huge }, "[null, null, null]")
end
function TestJsonEncode:test_strings_are_escaped()
  lu.assertEquals(json.encode 'a"\\\n\t\1\127ä', '"a\\"\\\\\\n\\t\\u0001\\u007fä"')
end
function TestJsonEncode:test_bytes_that_are_no_utf8_are_replaced()
  lu.assertEquals(json.encode "a\xffb", '"a\u{FFFD}b"')
end
function TestJsonEncode:test_a_table_that_contains_itself_is_an_error()
  local t = {}
  t.t = t
  fails("json: a table that contains itself", json.encode, t)
end

TestJsonDecode = {}

function TestJsonDecode:test_values()
  local v = json.decode ' {"a": [1, -2.5e1, "x", true, false, {}], "b": null, "c": 0}\r\n'
  lu.assertEquals(v, { a = { 1, -25.0, "x", true, false, {} }, c = 0 })
end
function TestJsonDecode:test_integers_stay_integers_and_floats_floats()
  local v = json.decode "[1, 1.0, 1e2, 9223372036854775807, 9223372036854775808]"
  local types = {}
  for i, x in ipairs(v) do types[i] = math.type(x) end
  lu.assertEquals(types, { "integer", "float", "float", "integer", "float" })
end
function TestJsonDecode:test_what_was_written_is_read()
  local value = { list = { 1, 2.0, 0.1, 1 / 3 }, text = 'a"\\\n\0\127ä😀', no = false, empty = json.list() }
  lu.assertEquals(json.decode(json.encode(value, "  ")), value)
  lu.assertEquals(json.encode(json.decode '{"a": [], "b": {}}'), '{"a": [], "b": {}}')
end
function TestJsonDecode:test_escapes()
  lu.assertEquals(json.decode [["\u0041\u00e4\ud83d\ude00\/\b\f\n\r\t\"\\"]], 'Aä😀/\b\f\n\r\t"\\')
end
function TestJsonDecode:test_errors_say_where()
  for text, message in pairs {
    [""] = "a value expected at line 1, column 1",
    ["nul"] = "a value expected at line 1, column 1",
    ["{\n  \"a\": 1,\n  b: 2}"] = "a key in quotes expected at line 3, column 3",
    ["[1, 2"] = "',' or ']' expected at line 1, column 6",
    ["[1,]"] = "a value expected at line 1, column 4",
    ["{\"a\": 1,}"] = "a key in quotes expected at line 1, column 9",
    ["{\"a\" 1}"] = "':' expected at line 1, column 6",
    ["{\"a\": 1, \"a\": 2}"] = "a second key 'a' at line 1, column 10",
    ["1 2"] = "more than one value at line 1, column 3",
    ["[01]"] = "a number that begins with 0 at line 1, column 2",
    ["[1.]"] = "a wrong number at line 1, column 2",
    ["[1e]"] = "a wrong number at line 1, column 2",
    ["[.5]"] = "a value expected at line 1, column 2",
    ["[+1]"] = "a value expected at line 1, column 2",
    ["NaN"] = "a value expected at line 1, column 1",
    ["\"abc"] = "a string without end at line 1, column 1",
    ["\"a\nb\""] = "a control character inside a string at line 1, column 3",
    ["\"\\x\""] = "an unknown escape at line 1, column 2",
    ["\"\\u12\""] = "\\u needs four hexadecimal digits at line 1, column 2",
    ["\"\\ud800\""] = "half of a surrogate pair at line 1, column 2",
    ["\"\\udc00\""] = "half of a surrogate pair at line 1, column 2",
    ["\"\\ud800\\u0041\""] = "half of a surrogate pair at line 1, column 2",
    [("["):rep(1000)] = "nested too deeply at line 1, column 201",
  } do
    fails("json: " .. message, json.decode, text)
  end
end
function TestJsonDecode:test_only_text_is_read()
  local ok, message = pcall(json.decode, 5)
  lu.assertFalse(ok)
  lu.assertStrContains(message, "json: text to decode must be a string, got number")
end
