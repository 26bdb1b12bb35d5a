"""Subcommands: how their words are taken apart, what they hand to the library, and their exit statuses."""

import re

from program import contains, equal, folder, run

# A library of the tests' own, which prints what it gets.
LIBRARY = """
local function show(v)
  if type(v) ~= "table" then return type(v) == "string" and ("%q"):format(v) or tostring(v) end
  local parts = {}
  for k, item in require "moonlab.vm".ordered(v) do parts[#parts + 1] = tostring(k) .. "=" .. show(item) end
  return "{" .. table.concat(parts, " ") .. "}"
end
local command = {}
function command.run(path, options)
  print(path, show(options))
  if path == "raise.lua" then error({ status = 4, message = "no such data" }) end
  if path == "break.lua" then error("broken") end
  if path == "recipe.lua" then require "moonlab.vm".load_recipe(path)() end
  return tonumber(path:match "%d+") or 0
end
command.check = command.run
return command
"""


def library(*arguments, **files):
    with folder(moonlab__command=LIBRARY, **files) as path:
        return run(*arguments, cwd=path, MOONLAB_LUA=path)


def test_run_hands_over_path_overrides_and_options():
    out = library("run", "r.lua", "train.epochs=3", "--seed", "-7", "name=a=b", "--out=some/dir", "--json", "--quiet").stdout
    equal(out, 'r.lua\t{json=true out="some/dir" overrides={1="train.epochs=3" 2="name=a=b"} quiet=true seed=-7 '
               'terminal={color=false columns=80 stderr_tty=false stdout_tty=false utf8=true}}\n')


def test_options_may_stand_before_the_recipe_and_have_defaults():
    equal(library("run", "--out", "d", "x=1", "r.lua", LC_ALL="C").stdout.count('overrides={1="x=1"}'), 1)
    contains(library("check", "r.lua").stdout, "json=false", "quiet=false", "overrides={}")


def test_the_status_of_the_library_is_the_exit_status():
    for status in (0, 1, 3, 4, 5, 6, 7):
        equal(library("run", f"{status}.lua").returncode, status)


def test_an_error_with_a_status_ends_with_it_and_no_traceback():
    out = library("run", "raise.lua")
    equal((out.returncode, out.stderr), (4, "moonlab: no such data\n"))


def test_another_error_ends_with_1():
    out = library("run", "break.lua")
    equal(out.returncode, 1)
    contains(out.stderr, "broken")


def test_a_missing_recipe_ends_with_4():
    out = library("run", "recipe.lua")
    equal((out.returncode, out.stderr), (4, "moonlab: recipe.lua: can't be opened: No such file or directory\n"))


def test_an_error_in_a_recipe_names_its_line():
    out = library("run", "recipe.lua", recipe="local x\n\nlocal y = x.z")
    equal(out.returncode, 1)
    contains(out.stderr, "moonlab: recipe.lua:3: attempt to index a nil value (local 'x')\nstack traceback:\n\trecipe.lua:3: in")
    out = library("run", "recipe.lua", recipe="local x = = 1")
    equal((out.returncode, out.stderr), (1, "moonlab: recipe.lua:1: unexpected symbol near '='\n"))


def test_wrong_command_lines_end_with_2_and_the_nearest_name():
    for words, message in (
        (("rnu",), "no subcommand and no file 'rnu'; did you mean 'run'?"),
        (("doctr",), "did you mean 'doctor'?"),
        (("xyzzy-quux",), "no subcommand and no file 'xyzzy-quux'\n"),
        (("nothere.lua",), "cannot open 'nothere.lua'"),
        (("run",), "run: which recipe?"),
        (("run", "a.lua", "b.lua"), "one recipe expected, got 'a.lua' and 'b.lua'"),
        (("run", "a.lua", "--sed", "1"), "run: unknown option '--sed'; did you mean '--seed'?"),
        (("run", "a.lua", "--seed", "x"), "--seed: an integer expected, got 'x'"),
        (("run", "a.lua", "--out"), "--out needs a value"),
        (("check", "a.lua", "--out", "d"), "check: unknown option '--out'"),
        (("run", "a.lua", "--threads", "0"), "--threads: 1 to 64 expected, got '0'"),
        (("--threads", "many", "-e", ""), "--threads: 1 to 64 expected, got 'many'"),
        (("--thread", "1"), "unrecognized option '--thread'"),
        (("-x",), "unrecognized option '-x'"),
        (("-e",), "'-e' needs argument"),
        (("-l",), "'-l' needs argument"),
    ):
        out = run(*words)
        equal((out.returncode, out.stdout), (2, ""), str(words))
        contains(out.stderr, "moonlab: ", message, "usage: moonlab")


def test_a_missing_script_names_the_nearest_file():
    with folder(train="") as path:
        contains(run("trian.lua", cwd=path).stderr, "cannot open 'trian.lua'", "did you mean 'train.lua'?")
        contains(run(f"{path}/trian.lua").stderr, f"did you mean '{path}/train.lua'?")


def test_threads_come_from_the_option_or_the_environment():
    ask = ("-e", "print(require 'moonlab.vm'.threads())")
    equal(run(*ask, MOONLAB_THREADS=3).stdout, "3\n")
    equal(run("--threads", "5", *ask, MOONLAB_THREADS=3).stdout, "5\n")
    equal(run("--threads=7", *ask).stdout, "7\n")
    equal(run(*ask, MOONLAB_THREADS="x").returncode, 2)
    contains(run("--threads", "2", "doctor").stdout, "2 of")
    equal(run("--threads", "none", "doctor").returncode, 2)


def test_help_lists_the_forms_and_doctor_the_machine():
    for words in (("help",), ("--help",), ("-h",), ("doctor", "--help")):
        out = run(*words)
        equal((out.returncode, out.stderr), (0, ""))
        contains(out.stdout, "usage: moonlab", "moonlab run", "--threads")
    out = run("doctor")
    equal(out.returncode, 0)
    contains(out.stdout, "Moonlab", "kernels", "threads", "OpenBLAS", "Fashion-MNIST")


def test_each_subcommand_says_what_it_does_and_takes():
    for name in ("run", "check", "cv", "search", "predict", "verify", "eval", "new", "runs", "data", "label"):
        out = run(name, "--help")
        equal((out.returncode, out.stderr), (0, ""))
        equal(out.stdout.splitlines()[0].split()[:3], ["usage:", "moonlab", name])
        assert len(out.stdout.splitlines()) > 3 and max(map(len, out.stdout.splitlines())) <= 130, out.stdout
        for option in set(re.findall(r"--\w+", out.stdout.splitlines()[0])) - {"--json", "--quiet"}:
            contains(out.stdout.split("\n", 1)[1], option + " ") if name != "runs" else contains(out.stdout, option)
    contains(run("runs", "rm", "-h").stdout, "usage: moonlab runs")
    contains(run("help", "cv").stdout, "usage: moonlab cv", "assess.cv")


def test_a_wrong_word_shows_the_form_of_its_subcommand_alone():
    out = run("cv", "r.lua", "--joobs", "2")
    equal(out.returncode, 2)
    equal(out.stderr.splitlines()[0], "moonlab: cv: unknown option '--joobs'; did you mean '--jobs'?")
    equal([line.split()[:3] for line in out.stderr.splitlines()[1:]], [["usage:", "moonlab", "cv"], ["moonlab", "cv", "--help"]])


def test_help_on_a_topic_comes_from_the_library():
    with folder(moonlab__help="return {show = function(n) if n == 'relu' then return 'relu(x)' end return nil, 'relu' end}") as path:
        equal(run("help", "relu", MOONLAB_LUA=path).stdout, "relu(x)\n")
        out = run("help", "rleu", MOONLAB_LUA=path)
        equal((out.returncode, out.stderr), (2, "moonlab: help: no topic 'rleu'; did you mean 'relu'?\n"))
