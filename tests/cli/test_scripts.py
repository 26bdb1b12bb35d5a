"""Scripts behave as under stock lua: the same output, errors and exit status, side by side."""

import shutil

from program import contains, equal, folder, lacks, run
import program


def same(*arguments, stdin="", cwd=None, **extra):
    """Runs both and compares all that can be seen. The program's name is the one thing that differs."""
    ours = run(*arguments, stdin=stdin, cwd=cwd, **extra)
    stock = run(*arguments, stdin=stdin, cwd=cwd, binary="/usr/bin/lua5.4", **extra)
    clean = lambda text: text.replace("/usr/bin/lua5.4", "NAME").replace("lua5.4: ", "NAME: ").replace(
        "moonlab: ", "NAME: ").replace(program.BINARY, "NAME")
    equal(clean(ours.stdout), clean(stock.stdout), f"stdout of {arguments}")
    equal(clean(ours.stderr).replace("NAME: ", ""), clean(stock.stderr).replace("NAME: ", ""), f"stderr of {arguments}")
    equal(ours.returncode, stock.returncode, f"status of {arguments}")
    return ours


def same_file(text, *arguments, **options):
    with folder(script=text) as path:
        return same("script.lua", *arguments, cwd=path, **options)


def test_e_runs_a_string():
    equal(same("-e", "print(1 + 1)").stdout, "2\n")


def test_e_may_be_glued_to_its_string_and_come_twice():
    same("-eprint(1)", "-e", "x = 2", "-e", "print(x)")


def test_an_error_in_e_stops_the_rest():
    same("-e", "error('first')", "-e", "print('second')")


def test_a_syntax_error_is_reported_with_its_line():
    same_file("print(1)\nlocal x = = 2\n")
    same("-e", "x x")


def test_a_script_gets_its_arguments_in_dots_and_in_arg():
    same_file("print(select('#', ...), ...) print(arg[0], arg[1], arg[2], #arg)", "one", "two words", "")


def test_arg_holds_the_options_below_zero():
    same("-e", "x = 1", "-e", "for i = -5, 5 do print(i, i == -5 or arg[i]) end")
    same_file("for i = -1, 3 do print(i, i < 0 or arg[i]) end", "-x", "--y")


def test_options_behind_the_script_are_its_own():
    same_file("print(...)", "-e", "error(1)", "--", "-")


def test_a_shebang_line_is_skipped_and_counted():
    same_file("#!/usr/bin/env moonlab\nprint(debug.getinfo(1, 'l').currentline)\nerror('here')")


def test_stdin_is_a_script_when_it_is_no_terminal():
    same(stdin="print('from stdin', ...)")
    same("-", "a", "b", stdin="print('from stdin', ...)")
    broken = run(stdin="error('x')")  # stock lua says 0 here, and 1 for the same text behind a '-'
    equal((broken.returncode, broken.stderr.splitlines()[0]), (1, "moonlab: stdin:1: x"))
    same("-", stdin="x x")


def test_a_script_can_read_stdin():
    same_file("print(io.read('n', 'l', 'a'))", stdin="42 rest\nmore\nlines")


def test_two_dashes_end_the_options():
    with folder() as path:
        (path / "-odd.lua").write_text("print('odd', ...)")
        same("--", "-odd.lua", "x", cwd=path)


def test_l_requires_into_a_global():
    with folder(mod="return {answer = 42}") as path:
        same("-l", "mod", "-e", "print(mod.answer)", cwd=path)
        same("-lmod", "-e", "print(mod.answer)", cwd=path)
        same("-l", "g=mod", "-e", "print(g.answer)", cwd=path)
        same("-l", "nothere", cwd=path)


def test_uncaught_errors_end_with_1_and_a_traceback():
    same_file("local function f() error('boom') end\nlocal function g() f() end\ng()")
    same_file("local t = nil\nprint(t.x)")
    same_file("coroutine.wrap(function() error('inside') end)()")


def test_a_stack_overflow_is_an_error_like_others():
    with folder(script="local function f() return f() + 1 end f()") as path:
        out = run("script.lua", cwd=path)
        equal(out.returncode, 1)
        contains(out.stderr, "moonlab: script.lua:1: stack overflow", "(skipping ", "in main chunk")


def test_error_objects_are_shown_as_stock_lua_does():
    same_file("error({})")
    same_file("error(setmetatable({}, {__tostring = function() return 'I am an error' end}))")
    same_file("error(nil)")
    same_file("error(42)")
    same_file("error()")


def test_os_exit_gives_its_status():
    for call in ("os.exit(3)", "os.exit(true)", "os.exit(false)", "os.exit(7, true)", "os.exit(256 + 5)"):
        same("-e", call)


def test_close_on_exit_runs_finalizers():
    same_file("t = setmetatable({}, {__gc = function() print 'collected' end})")


def test_warnings_are_off_until_asked_for():
    same("-e", "warn('quiet')")
    same("-W", "-e", "warn('loud')")


def test_coroutines_behave():
    same_file("""
      local co = coroutine.create(function(a, b) local c = coroutine.yield(a + b) error({c}) end)
      print(coroutine.resume(co, 1, 2)) print(select(2, coroutine.resume(co, 9))[1]) print(coroutine.resume(co))
      print(pcall(coroutine.wrap(function() error('x', 0) end)))
      print(pcall(coroutine.wrap(function() local x = nil; return x.y end)))
      print(pcall(coroutine.resume, 1)) print(pcall(coroutine.wrap, 1))
      local w = coroutine.wrap(function(...) for i = 1, select('#', ...) do coroutine.yield((select(i, ...))) end end)
      print(w(5, 6, 7), w(), w(), w()) print(pcall(w))
      local r = coroutine.wrap(function() local x <close> = setmetatable({}, {__close = function() print 'closed' end}) error 'e' end)
      print(pcall(r))
      print(coroutine.wrap(function() return pcall(function() coroutine.yield(1) error('after') end) end)())
    """)


def test_LUA_INIT_is_not_ours_and_MOONLAB_INIT_is():
    equal(run("-e", "print(x)", LUA_INIT="x = 1").stdout, "nil\n")
    equal(run("-e", "print(x)", MOONLAB_INIT="x = 1").stdout, "1\n")
    equal(run("-E", "-e", "print(x)", MOONLAB_INIT="x = 1").stdout, "nil\n")
    with folder(init="x = 2") as path:
        equal(run("-e", "print(x)", MOONLAB_INIT=f"@{path}/init.lua").stdout, "2\n")
    broken = run("-e", "print(1)", MOONLAB_INIT="error('in init')")
    equal((broken.returncode, broken.stdout), (1, ""))
    contains(broken.stderr, "moonlab: MOONLAB_INIT:1: in init")


def test_nothing_is_loaded_before_it_is_required():
    out = run("-e", "local n = 0 for k in pairs(package.loaded) do n = n + 1 end print(n, package.loaded.moonlab, ml)").stdout
    stock = run("-e", "local n = 0 for k in pairs(package.loaded) do n = n + 1 end print(n, nil, nil)", binary="/usr/bin/lua5.4").stdout
    equal(out, stock)


def test_the_binary_alone_has_its_library():
    with folder() as path:
        copy = path / "copied"
        shutil.copy(program.BINARY, copy)
        out = run("-e", "print(type(require 'moonlab.vm'), package.searchpath('moonlab.suggest', package.path))"
                  " print(select(2, require 'moonlab.suggest'))", binary=str(copy), cwd=path)
        equal(out.returncode, 0, out.stderr)
        contains(out.stdout, "table\tnil", "lua/moonlab/suggest.lua")


def test_MOONLAB_LUA_reads_edited_files():
    with folder(moonlab__fresh="return 'edited'", moonlab__deep__init="return 'deep'") as path:
        equal(run("-e", "print(require 'moonlab.fresh')", MOONLAB_LUA=path).stdout, "edited\tlua/moonlab/fresh.lua\n")
        equal(run("-e", "print((require 'moonlab.deep'))", MOONLAB_LUA=path).stdout, "deep\n")
        equal(run("-e", "print(type((require 'moonlab.suggest')))", MOONLAB_LUA=path).returncode, 0)
        contains(run("-e", "require 'moonlab.absent'", MOONLAB_LUA=path).stderr, "module 'moonlab.absent' not found")


def test_a_library_name_is_never_taken_from_the_current_folder():
    with folder(moonlab__nothere="print 'mine'") as path:
        out = run("-e", "require 'moonlab.nothere'", cwd=path)
        equal((out.returncode, out.stdout), (1, ""))
        contains(out.stderr, "module 'moonlab.nothere' not found: it is not in the library")


def test_tracebacks_leave_the_library_out_unless_asked():
    library = "local function inner() error('wrong use', 3) end\nreturn function(...) inner(...) end"
    with folder(moonlab__blame=library, script="local blame = require 'moonlab.blame'\nlocal function mine() blame(1) end\nmine()") as path:
        out = run("script.lua", cwd=path, MOONLAB_LUA=path).stderr
        contains(out, "moonlab: script.lua:2: wrong use", "script.lua:2: in", "script.lua:3: in main chunk")
        lacks(out, "lua/moonlab", "in function 'error'")
        for all_of_it in (run("script.lua", cwd=path, MOONLAB_LUA=path, MOONLAB_TRACEBACK="full").stderr,
                          run("--traceback", "script.lua", cwd=path, MOONLAB_LUA=path).stderr):
            contains(all_of_it, "lua/moonlab/blame.lua:1:", "in function 'error'")


def test_v_says_which_moonlab():
    contains(run("-v").stdout, "Moonlab", "Lua 5.4")
    equal(run("--version").stdout, run("version").stdout)
    equal(run("-v", "-e", "print(1)").stdout, run("-v").stdout + "1\n")
