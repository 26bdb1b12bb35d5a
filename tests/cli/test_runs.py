"""moonlab runs rm at a terminal: it asks."""

import pexpect

import program
from program import contains, equal, folder

RECIPE = """
local ml = require "moonlab"
local x = ml.linspace(-1, 1, 100):reshape { 50, 2 }
return ml.recipe {
  name = "small", task = "binary", data = { source = ml.data.tensors { x = x, y = (x:sum(2):gt(0)):to "int64" + 1 } },
  split = { test = 0.2 }, model = ml.nn.Linear(2), train = { epochs = 1, optimizer = ml.optim.sgd { lr = 0.1 } },
}
"""


def answer(path, word):
    child = pexpect.spawn(program.BINARY, ["runs", "rm", "small-1"], cwd=str(path), encoding="utf8",
                          env=program.environment(program.HOME), timeout=program.TIMEOUT)
    child.expect(r"remove runs/small-1\? \[y/N\] ")
    child.sendline(word)
    text = child.read()
    child.close()
    equal(child.exitstatus, 0, text)
    return text


def test_a_run_is_removed_only_after_a_yes():
    with folder(r=RECIPE) as path:
        child = pexpect.spawn(program.BINARY, ["run", "r.lua", "--quiet"], cwd=str(path), encoding="utf8",
                              env=program.environment(program.HOME), timeout=program.TIMEOUT)
        contains(child.read(), "runs/small-1")
        child.close()
        answer(path, "n")
        answer(path, "")
        equal((path / "runs" / "small-1").is_dir(), True)
        contains(answer(path, "y"), "removed runs/small-1")
        equal((path / "runs" / "small-1").exists(), False)
