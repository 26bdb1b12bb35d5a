"""The REPL in a real terminal."""

import os
import stat

import program
from program import contains, equal, folder, lacks, needs_readline, run
from terminal import session


def test_the_banner_has_at_most_three_lines_and_q_hides_it():
    with session("-i") as s:
        contains(s.banner, "Moonlab")
        assert s.banner.count("\n") <= 3, s.banner
    with session("-q") as s:
        equal(s.banner, "")


def test_end_of_input_leaves_with_0():
    with session() as s:
        equal(s.leave(), 0)


def test_expressions_print_their_values():
    with session() as s:
        for line, shown in (("1 + 1", "2\n"), ("'a\\n\"b\\0' .. 'ä'", '"a\\n\\"b\\x00ä"\n'), ("nil", "nil\n"), ("1, 'x', true", '1\t"x"\ttrue\n'),
                            ("(function() end)()", ""), ("print 'said'", "said\n"), ("x = 5", ""), ("x;", ""), ("x; -- quiet", ""), ("x", "5\n"),
                            ("7 // 2, 7 / 2, 1e300 * 1e10", "3\t3.5\tinf\n")):
            equal(s.say(line), shown, line)


def test_ans_is_the_last_value():
    with session() as s:
        s.say("6 * 7")
        equal(s.say("ans"), "42\n")
        s.say("ans + 1;")
        s.say("y = 3")
        equal(s.say("ans"), "43\n")


def test_tables_are_sorted_and_cut():
    with session() as s:
        equal(s.say("{3, 'x', b = 1, a = {c = {}}, [10] = 2, ['no name'] = false}"),
              '{3, "x", [10] = 2, a = {c = {}}, b = 1, ["no name"] = false}\n')
        equal(s.say("t = {} t.t = t t.u = {t}"), "")
        equal(s.say("t"), "{t = {cycle}, u = {{cycle}}}\n")
        equal(s.say("{{{{{1}}}}}"), "{{{{{...}}}}}\n")
        equal(s.say("setmetatable({}, {__tostring = function() return 'me' end})"), "me\n")
        s.say("big = {} for i = 1, 1000 do big[i] = i end")
        shown = s.say("big")
        contains(shown, "{\n  1,\n  2,\n", "\n  100,\n  ... 900 more\n}\n")
        contains(s.say("{name = ('x'):rep(60), other = ('y'):rep(60)}"), '{\n  name = "xxx', ',\n  other = "yyy', '\n}\n')


def test_locals_are_there_in_the_next_input():
    with session() as s:
        s.say("local x = 5")
        equal(s.say("x + 1"), "6\n")
        s.say("function up() x = x + 1 return x end")
        s.say("x = 10")
        equal(s.say("up(), x"), "11\t11\n")
        s.say("local x <const>, y = 'shadow'; local function f(n) return n and f() or x end")
        equal(s.say("x, y, f(1), up()"), '"shadow"\tnil\t"shadow"\t12\n')
        s.say("do local inner = 1 end for i = 1, 2 do local j = i end")
        equal(s.say("inner, i, j"), "nil\tnil\tnil\n")
        s.say("local x = x .. '!' -- of itself")
        equal(s.say("x"), '"shadow!"\n')
        s.say("local s = [[local z = 3]] -- local w = 4")
        equal(s.say("z, w, s"), 'nil\tnil\t"local z = 3"\n')
        equal(s.say("_G.s, _G.x"), "nil\tnil\n")


def test_errors_do_not_end_the_session_and_keep_what_came_before_them():
    with session() as s:
        equal(s.say("local a, b = 1, {2}; for i = 1, 3 do local hidden = i; error('boom') end"), "stdin:1: boom\n")
        equal(s.say("a, b, hidden, i"), "1\t{2}\tnil\tnil\n")
        equal(s.say("error({})"), "(error object is a table value)\n")
        equal(s.say("error({message = 'told', status = 4})"), "told\n")
        equal(s.say("x x"), "stdin:1: syntax error near 'x'\n")
        equal(s.say("local u <const> = 1; u = 2"), "stdin:1: attempt to assign to const variable 'u'\n")
        equal(s.say("setmetatable({}, {__tostring = error})").split(":")[0].strip() != "", True)
        equal(s.say("1"), "1\n")
        equal(s.leave(), 0)


def test_a_traceback_shows_the_users_frames_and_tb_all():
    with folder(moonlab__blame="return function() error('wrong', 2) end") as path:
        with session(MOONLAB_LUA=path) as s:
            equal(s.say("%tb"), "no error yet\n")
            s.say("function f() require 'moonlab.blame'() end")
            equal(s.say("f() g()"), "stdin:1: wrong\nstack traceback:\n\tstdin:1: in function 'f'\n")
            contains(s.say("%tb"), "stdin:1: wrong", "lua/moonlab/blame.lua:1:", "in function 'f'", "in main chunk")


def test_a_chunk_goes_on_only_at_its_end():
    with session() as s:
        equal(s.say("for i = 1, 2 do"), "")
        equal(s.last, ">>")
        s.say("  print(i)")
        equal(s.say("end"), "1\n2\n")
        equal(s.last, ">")
        s.say("s = [[one")
        equal(s.last, ">>")
        s.say("two]]")
        equal(s.say("s"), '"one\\ntwo"\n')
        equal(s.say("for x do"), "stdin:1: '=' or 'in' expected near 'do'\n")
        equal(s.last, ">")
        s.say("1 +")
        equal(s.say("2"), "3\n")
        s.say("{")
        equal(s.say("5}"), "{5}\n")


def test_an_interrupt_at_the_prompt_drops_the_chunk():
    with session() as s:
        s.say("for i = 1, 2 do")
        s.interrupt()
        equal(s.last, ">")
        s.type("abc")
        s.interrupt()
        equal(s.say("5"), "5\n")


def test_an_interrupt_in_a_loop_keeps_the_variables():
    with session() as s:
        s.say("local kept = {1, 2}")
        for i in range(20):
            s.type(f"local n = {i}; local m = n * 2; print 'go' while true do n = n + 0 end")
            s.child.send("\n")
            s.child.expect_exact("\ngo\r\n")
            contains(s.interrupt(), "interrupted!\n")
            equal(s.say("kept, n, m"), f"{{1, 2}}\t{i}\t{2 * i}\n")
        s.type("coroutine.wrap(function() print 'go' while true do end end)()")
        s.child.send("\n")
        s.child.expect_exact("\ngo\r\n")
        contains(s.interrupt(), "interrupted!\n")
        equal(s.say("#kept"), "2\n")


@needs_readline
def test_a_stop_gives_the_terminal_back_and_fg_takes_it_again():
    with session("--norc", "-i", program_path="/bin/bash", PS1="> ") as s:
        s.type(f"'{program.BINARY}' -q")
        s.enter()
        s.type("half")
        s.child.sendcontrol("z")
        contains(s.prompt(), "Stopped")
        s.type("fg")
        s.child.send("\n")
        s.child.expect_exact("> half")
        s.child.send("\x15")
        equal(s.say("1 + 1"), "2\n")


def test_pasted_prompts_are_taken_off():
    with session() as s:
        equal(s.say("> 1 + 1"), "2\n")
        equal(s.say("> > 1"), "stdin:1: unexpected symbol near '>'\n")


def test_who_lists_what_the_user_made():
    with session() as s:
        equal(s.say("%who"), "no variables yet\n")
        s.say("local alpha = 'text' beta = {1, 2}")
        equal(s.say("%who"), 'alpha            "text"\nbeta             {1, 2}\n')


def test_time_says_how_long_a_chunk_takes():
    with session() as s:
        shown = s.say("%time 1 + 1").splitlines()
        equal(shown[0], "2")
        assert shown[1].startswith("time: ") and shown[1].split()[-1] in ("us", "ms", "s"), shown
        equal(s.say("%tiem 1"), "unknown command '%tiem'; did you mean '%time'?\n")


def test_help_comes_from_the_library():
    with folder(moonlab__help="return {show = function(n) if n == 'relu' then return 'relu(x)' end return nil, 'relu' end}") as path:
        with session(MOONLAB_LUA=path) as s:
            equal(s.say("?relu"), "relu(x)\n")
            equal(s.say("? rleu "), "no help on 'rleu'; did you mean 'relu'?\n")
            contains(s.say("%help"), "%tb", "%time", "%who", "?name")


LIBRARY = "touched = (touched or 0) + 1 return {nn = {Linear = print}, data = {}, relu = print}"


def test_the_library_is_loaded_when_it_is_touched():
    with folder(moonlab__init=LIBRARY) as path:
        with session(MOONLAB_LUA=path) as s:
            equal(s.say("touched, other"), "nil\tnil\n")
            equal(s.say("nn == require 'moonlab'.nn, ml.nn == nn, type(data), touched"), 'true\ttrue\t"table"\t1\n')
            equal(s.say("%who"), "ans              true\ntouched          1\n")


def test_a_library_that_fails_is_an_error_like_others():
    with folder(moonlab__init="error('no way')") as path:
        with session(MOONLAB_LUA=path) as s:
            contains(s.say("ml"), "no way")
            equal(s.say("1"), "1\n")


def test_i_goes_on_after_a_script():
    with folder(script="global = 'set'; print(...)") as path:
        with session("-i", "-q", path / "script.lua", "arg") as s:
            equal(s.banner, "arg\n")
            equal(s.say("global"), '"set"\n')


def test_history_is_appended_at_once_and_private():
    with folder() as home:
        with session(home=home) as s:
            s.say("first = 1")
            s.say("for i = 1, 2 do")
            s.say("  local b = 'back\\\\slash' end")
            file = home / ".local/state/moonlab/history"
            equal(file.read_text(), "first = 1\nfor i = 1, 2 do\\n  local b = 'back\\\\\\\\slash' end\n")
            equal(stat.S_IMODE(os.stat(file).st_mode), 0o600)
        with session(home=home, XDG_STATE_HOME=home / "state") as s:
            s.say("elsewhere = 1")
            equal((home / "state/moonlab/history").read_text(), "elsewhere = 1\n")


@needs_readline
def test_up_recalls_the_whole_chunk():
    with folder() as home:
        with session(home=home) as s:
            s.say("for i = 1, 2 do")
            equal(s.say("print('i is ' .. i) end"), "i is 1\ni is 2\n")
        with session(home=home) as s:
            s.child.send("\x1b[A")
            s.child.expect_exact("print('i is ' .. i) end")
            equal(s.enter(), "i is 1\ni is 2\n")


def test_a_spoilt_history_or_a_missing_home_is_one_warning():
    with folder() as home:
        file = home / ".local/state/moonlab/history"
        file.parent.mkdir(parents=True)
        file.write_bytes(b"good = 1\n\x00\x01binary\nbad \\escape\n")
        with session(home=home) as s:
            equal(s.banner, f"moonlab: history: 2 damaged lines of {file} were left out\n")
            equal(s.say("1"), "1\n")
        file.unlink()
        file.mkdir()
        with session(home=home) as s:
            equal(s.banner.count("\n"), 1)
            contains(s.banner, "moonlab: no history: ")
            equal(s.say("1"), "1\n")
    with session(HOME="") as s:
        equal(s.banner, "moonlab: no history: HOME is not set\n")
        equal(s.say("1"), "1\n")


@needs_readline
def test_a_paste_of_several_lines_is_one_chunk():
    with session(TERM="xterm", INPUTRC="/nothere") as s:
        s.child.send("\x1b[200~local sum = 0\nfor i = 1, 3 do\n  sum = sum + i\nend\nprint('sum', sum)\x1b[201~")
        s.child.expect_exact("print('sum', sum)")
        equal(s.enter().splitlines()[-1], "sum\t6")
        equal(s.say("sum"), "6\n")


def completed(s, text, expected):
    s.child.send(text + "\t")
    s.child.expect_exact(expected)
    s.child.send("\x15")  # clears the line


@needs_readline
def test_tab_completes_globals_fields_methods_and_locals():
    with folder(moonlab__init=LIBRARY) as path:
        with session(MOONLAB_LUA=path) as s:
            s.say("local counter = setmetatable({count = 1}, {__index = {increase = print, size = 3}})")
            s.say("trap = setmetatable({}, {__index = function() error 'called' end})")
            completed(s, "print(str", "print(string")
            completed(s, "x = string.form", "x = string.format")
            completed(s, "coun", "counter")
            completed(s, "counter.co", "counter.count")
            completed(s, "counter:in", "counter:increase")
            completed(s, "ml.nn.Lin", "ml.nn.Linear")
            completed(s, "func", "function")
            s.child.send("trap.x\t\x15")
            equal(s.say("'no trap'"), '"no trap"\n')


@needs_readline
def test_two_tabs_list_the_matches():
    with session() as s:
        s.child.send("string.re\t\t")
        s.child.expect_exact("string.rep")
        s.child.expect_exact("string.reverse")


def test_a_dumb_terminal_gets_no_escapes():
    with session(TERM="dumb") as s:
        equal(s.say("1 + 1"), "2\n")
        s.say("for i = 1, 2 do")
        s.interrupt()
        lacks(s.child.before + s.child.after, "\x1b")
        equal(s.leave(), 0)


def test_input_from_a_pipe_with_i_prints_values():
    out = run("-i", "-q", stdin="1 + 1\nlocal x = 3\nx\nerror('oops')\nx * 2\n")
    equal((out.returncode, out.stdout.replace("> ", "").split()), (0, ["2", "3", "6"]))
    contains(out.stderr, "stdin:1: oops")


def test_hostile_values_do_not_end_the_session():
    with session() as s:
        s.say("bad = setmetatable({}, {__tostring = function() error 'no' end, __name = 3})")
        contains(s.say("bad"), "no\n")
        contains(s.say("error(bad)"), "no")
        s.say("deep = {} local d = deep for i = 1, 1e5 do d[1] = {} d = d[1] end")
        equal(s.say("deep"), "{{{{{...}}}}}\n")
        equal(s.say("setmetatable(_G, {__index = function(_, k) return k end})").strip() != "", True)
        equal(s.say("whatever"), '"whatever"\n')
        equal(s.say("os.exit"), s.say("os.exit"))
