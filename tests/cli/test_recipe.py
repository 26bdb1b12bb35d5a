"""What a recipe may touch, and the order in which it sees tables."""

from program import contains, equal, folder, lacks, run

LIBRARY = """
return { run = function(path)
  local chunk, source, modules = require "moonlab.vm".load_recipe(path)
  chunk()
  for _, m in ipairs(modules) do print("module", m.name, m.path, #m.source) end
  return 0
end }
"""


def recipe(text, **files):
    with folder(moonlab__command=LIBRARY, recipes__x=text, **files) as path:
        return run("run", "recipes/x.lua", cwd=path, MOONLAB_LUA=path)


def says(text, expected, **files):
    out = recipe(text, **files)
    equal((out.stdout, out.stderr, out.returncode), (expected, "", 0), text)


def test_what_reaches_the_system_is_not_there():
    for name in ("io.open", "io.popen", "io.lines", "io.read", "io.stdin", "os.execute", "os.exit", "os.remove", "os.rename",
                 "os.getenv", "os.tmpname"):
        says(f"print(select(2, pcall(function() return {name} end)))", f"recipes/x.lua:1: '{name}' is not there in a recipe\n")
    for name in ("debug", "package", "dofile", "loadfile"):
        says(f"print(select(2, pcall(function() return {name} end)))", f"recipes/x.lua:1: '{name}' is not there in a recipe\n")
    says("print(string.dump, ('').dump, collectgarbage('count') > 0, pcall(collectgarbage, 'generational'))",
         "nil\tnil\ttrue\tfalse\tcollectgarbage: only \"collect\" and \"count\" are there in a recipe\n")


def test_what_a_recipe_needs_is_there():
    says("print(type(os.clock()), type(os.time()), type(os.date()), math.max(1, 2), ('x'):rep(3), utf8.char(228))"
         " io.write('a', 1, '\\n') io.stdout:write 'b\\n' print(#table.pack(1, 2), select('#', coroutine.running()))",
         "number\tnumber\tstring\t2\txxx\tä\na1\nb\n2\t2\n")
    says("print(undefined, rawget(_G, 'print') == print, _G._G == _G)", "nil\ttrue\ttrue\n")


def test_code_that_is_loaded_is_text_and_confined_too():
    says("print(load('\\27Lua'))", "nil\tattempt to load a binary chunk (mode is 't')\n")
    says("print(pcall(load('return io.open', '=inner')))", "false\tinner:1: 'io.open' is not there in a recipe\n")
    says("print(load('return x', 'n', 'bt', {x = 3})())", "3\n")


def test_the_tables_of_the_library_are_out_of_reach():
    says("string.format = nil; print(('%d'):format(3), getmetatable(''))", "3\tstring\n")
    says("print(pcall(require, 'moonlab.vm'))", "false\t'moonlab.vm' is not there in a recipe\n")
    says("print(pcall(require, 'io'))", "false\trequire: no module 'io' in the library or in the recipe's folder (recipes)\n")
    says("print(getmetatable(io), pcall(setmetatable, os, {}))", "closed\tfalse\tcannot change a protected metatable\n")


def test_a_recipe_requires_files_of_its_own_folder():
    says("local m = require 'blocks.attention' print(m.name, require 'blocks.attention' == m, require 'plain')",
         "blocks.attention\ttrue\ttrue\nmodule\tblocks.attention\trecipes/blocks/attention.lua\t21\nmodule\tplain\trecipes/plain.lua\t12\n",
         recipes__blocks__attention="return {name = (...)}", recipes__plain="local x = 1;")
    out = recipe("require 'evil'", recipes__evil="return io.open('/etc/passwd')")
    contains(out.stderr, "moonlab: recipes/evil.lua:1: 'io.open' is not there in a recipe", "recipes/x.lua:1: in")


def test_a_module_outside_of_the_folder_is_not_found():
    with folder(moonlab__command=LIBRARY, recipes__x="print(pcall(require, ...))", secret="print 'out'") as path:
        (path / "recipes" / "link.lua").symlink_to(path / "secret.lua")
        for name in ("link", "..secret", "/etc/x", "", ".", "a..b"):
            (path / "recipes" / "x.lua").write_text(f"print(pcall(require, {name!r}))")
            out = run("run", "recipes/x.lua", cwd=path, MOONLAB_LUA=path)
            contains(out.stdout, "false\trequire: ")
            lacks(out.stdout, "out\n")


def test_pairs_goes_by_number_then_by_bytes():
    table = "local t = {z = 1, Z = 2, ['\\xC3'] = 3, [10] = 4, [-1.5] = 5, 6, 7, [2^53] = 8, a = 9, [true] = 10}"
    order = "-1.5=5 1=6 2=7 10=4 9007199254740992=8 Z=2 a=9 z=1 \xC3=3 true=10 "
    with folder(moonlab__command=LIBRARY) as path:
        (path / "x.lua").write_text(table + "for k, v in pairs(t) do io.write(tostring(k):gsub('\\xC3', 'C') .. '', '=', v, ' ') end print()"
                                    " for k, v in next, t do io.write(tostring(k):gsub('\\xC3', 'C') .. '', '=', v, ' ') end")
        out = run("run", "x.lua", cwd=path, MOONLAB_LUA=path)
        equal((out.stdout, out.stderr), ((order.replace("\xC3", "C") + "\n" + order.replace("\xC3", "C")), ""))


def test_entries_may_be_removed_and_changed_on_the_way():
    says("local t = {} for i = 1, 100 do t['k' .. i] = i end local n = 0"
         " for k, v in pairs(t) do t[k] = nil t.k99 = nil n = n + 1 end print(n, next(t))", "99\tnil\n")
    says("local t = {a = 1, b = 2, c = 3} for k in next, t do t[k] = k .. k end print(t.a, t.b, t.c)", "aa\tbb\tcc\n")
    says("print(pcall(next, {}, 'gone'))", "false\tinvalid key to 'next'\n")
    says("local t = setmetatable({}, {__pairs = function() return 1, 2, 3 end}) print(pairs(t))", "1\t2\t3\n")


def test_two_traversals_by_next_do_not_disturb_each_other():
    says("local t, u = {a = 1, b = 2}, {x = 1, y = 2} for k in next, t do for l in next, u do io.write(k, l, ' ') end"
         " for m in next, t do io.write(m, ' ') end end", "ax ay a b bx by a b ")


def test_random_numbers_are_the_same_in_each_run():
    equal(recipe("print(math.random(1000000), math.random())").stdout, recipe("print(math.random(1000000), math.random())").stdout)


def test_a_recipe_must_be_a_regular_text_file():
    with folder(moonlab__command=LIBRARY) as path:
        (path / "d.lua").mkdir()
        out = run("run", "d.lua", cwd=path, MOONLAB_LUA=path)
        equal((out.returncode, out.stderr), (4, "moonlab: d.lua: is a folder, not a file\n"))
        out = run("run", "/dev/null", cwd=path, MOONLAB_LUA=path)
        equal((out.returncode, out.stderr), (4, "moonlab: /dev/null: is not a regular file\n"))
        (path / "b.lua").write_bytes(b"\x1bLuaS")
        out = run("run", "b.lua", cwd=path, MOONLAB_LUA=path)
        equal((out.returncode, out.stderr), (1, "moonlab: attempt to load a binary chunk (mode is 't')\n"))
        (path / "c.lua").write_bytes(b"\xef\xbb\xbf#!/usr/bin/moonlab\nerror('second')")
        contains(run("run", "c.lua", cwd=path, MOONLAB_LUA=path).stderr, "c.lua:2: second")
