"""Signals: an end in good order, and the exit status of a shell."""

import os
import signal
import subprocess

import program
from program import TIMEOUT, contains, equal, folder, start


def interrupted(code, sig=signal.SIGINT, first="go\n"):
    """Starts the code, waits until it says go, sends the signal. Returns status, the rest of stdout, stderr."""
    process = start("-e", code)
    equal(process.stdout.readline(), first)
    process.send_signal(sig)
    out, err = process.communicate(timeout=TIMEOUT)
    return process.returncode, out, err


GO = "io.write('go\\n') io.flush() "


def test_a_loop_is_stopped_and_the_status_is_that_of_the_signal():
    status, out, err = interrupted(GO + "while true do end")
    equal((status, out), (-signal.SIGINT, ""))
    contains(err, "moonlab: interrupted!\nstack traceback:")


def test_a_shell_sees_130():
    with folder(script="print((io.open('/proc/self/stat'):read 'n')) io.flush() while true do end") as path:
        shell = subprocess.Popen(["sh", "-c", f"'{program.BINARY}' script.lua; echo $?"], cwd=path, text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=program.heeds_signals)
        os.kill(int(shell.stdout.readline()), signal.SIGINT)
        equal(shell.communicate(timeout=TIMEOUT)[0], "130\n")


def test_a_loop_in_a_coroutine_is_stopped():
    status, _, err = interrupted("coroutine.wrap(function() " + GO + "while true do end end)()")
    equal(status, -signal.SIGINT)
    contains(err, "moonlab: interrupted!")
    status, _, err = interrupted("local co = coroutine.wrap(function() coroutine.wrap(function() coroutine.yield() end)() " + GO +
                                 "while true do end end) co()")
    equal(status, -signal.SIGINT)


def test_a_script_may_catch_it_and_is_interrupted_again():
    process = start("-e", "for i = 1, 3 do print(pcall(function() io.write('go\\n') io.flush() while true do end end)) io.flush() end")
    for _ in range(3):
        equal(process.stdout.readline(), "go\n")
        process.send_signal(signal.SIGINT)
        equal(process.stdout.readline(), "false\tinterrupted!\n")
    equal(process.wait(TIMEOUT), 0)


def test_what_a_signal_interrupts_runs_its_finalizers():
    status, out, _ = interrupted("local x <close> = setmetatable({}, {__close = function() print 'closed' end}) " + GO + "while true do end")
    equal((status, out), (-signal.SIGINT, "closed\n"))


def test_a_second_signal_ends_what_does_not_listen():
    process = start("-e", GO + "string.rep('a', 40):find(('a*'):rep(40) .. 'b')")
    equal(process.stdout.readline(), "go\n")
    while process.poll() is None:  # a signal that comes while one is pending is merged with it
        process.send_signal(signal.SIGINT)
    process.communicate()
    equal(process.returncode, -signal.SIGINT)


def test_a_reader_that_has_gone_ends_with_sigpipe():
    process = start("-e", "while true do print 'line' end")
    process.stdout.readline()
    process.stdout.close()
    equal(process.wait(TIMEOUT), -signal.SIGPIPE)


LIBRARY = """
local vm = require "moonlab.vm"
return { run = function(path)
  local hold = path == "held.lua"
  vm.hold(hold)
  io.write("go\\n") io.flush()
  local step, sig = 0, false
  while not sig do step = step + 1 if hold then sig = vm.interrupted() end end
  print("stopped by", sig)
  return 130
end }
"""


def in_library(path, sig):
    with folder(moonlab__command=LIBRARY) as home:
        process = start("run", path, cwd=home, MOONLAB_LUA=home)
        equal(process.stdout.readline(), "go\n")
        process.send_signal(sig)
        out, err = process.communicate(timeout=TIMEOUT)
        return process.returncode, out, err


def test_a_run_that_holds_signals_stops_between_its_steps():
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        equal(in_library("held.lua", sig), (-sig, f"stopped by\t{sig.name[3:]}\n", ""))


def test_a_run_under_nohup_outlives_its_terminal():
    with folder(moonlab__command="""return { run = function()
      io.write("go\\n") io.flush() io.read() print("done") return 0 end }""") as home:
        process = subprocess.Popen(["/usr/bin/nohup", program.BINARY, "run", "r.lua"], cwd=home, text=True, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=program.heeds_signals,
                                   env=program.environment(home, MOONLAB_LUA=home))
        equal(process.stdout.readline(), "go\n")
        process.send_signal(signal.SIGHUP)
        equal((process.communicate("\n", timeout=TIMEOUT)[0], process.returncode), ("done\n", 0))


def test_a_run_that_holds_nothing_is_interrupted():
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        status, out, err = in_library("free.lua", sig)
        equal((status, out), (-sig, ""))
        contains(err, "moonlab: interrupted!")


# A recipe whose folds say go and go on for ever.
ENDLESS = """
local ml = require "moonlab"
return ml.recipe { name = "endless", task = "regression", seed = 1, model = ml.nn.Linear(1), split = { valid = 0 },
  data = { source = ml.data.tensors { x = ml.rand(40, 3), y = ml.rand(40, 1) } }, assess = { cv = ml.kfold(2) },
  train = { epochs = 1000000000, optimizer = ml.optim.sgd { lr = 0.001 }, on_epoch = function(_, r) if r.epoch == 1 then io.stderr:write "go\\n" end end } }
"""


def test_folds_in_processes_are_interrupted_and_leave_nothing():
    for jobs in ("1", "2"):
        with folder(r=ENDLESS) as path:
            process = start("cv", "r.lua", "--quiet", "--jobs", jobs, cwd=path)
            equal(process.stderr.readline(), "go\n")
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=TIMEOUT)
            equal(process.returncode, -signal.SIGINT, err)
            equal(os.path.exists(os.path.join(path, "runs")), False)
