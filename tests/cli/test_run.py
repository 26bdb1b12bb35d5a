"""A training seen at a terminal: its progress line, its plots, and ^C."""

import json
import re

import pexpect

import program
from program import contains, equal, folder, lacks

RECIPE = """
local ml = require "moonlab"
local x = ml.linspace(-1, 1, 2000):reshape { 1000, 2 }
return ml.recipe {
  name = "small", task = "multiclass", seed = 1,
  data  = { source = ml.data.tensors { x = x, y = (x:sum(2):gt(0)):to "int64" + 1, classes = { "left", "right" } } },
  split = { valid = 0.2, test = 0.2, stratify = true },
  model = ml.nn.Linear(2),
  train = { epochs = 3, batch = 10, optimizer = ml.optim.sgd { lr = 0.5 }, on_epoch = function(run) print("seen", run.epoch) end },
}
"""


def terminal(path, *arguments, width=80, **extra):
    return pexpect.spawn(program.BINARY, ["run", "r.lua", *arguments], cwd=str(path), dimensions=(24, width), encoding="utf8",
                         env=program.environment(program.HOME, **extra), timeout=program.TIMEOUT)


def whole(*arguments, **options):
    with folder(r=RECIPE) as path:
        child = terminal(path, *arguments, **options)
        text = child.read()
        child.close()
        return text, child.exitstatus


def lines_of(text):
    """What stands on the screen in the end: of a line that was written over, the last writing."""
    shown = []
    for line in text.split("\n"):
        screen = []
        for part in line.rstrip("\r").split("\r"):
            screen[:len(part)] = part
        shown.append("".join(screen).rstrip())
    return shown


def test_progress_is_written_over_and_each_epoch_stays():
    text, status = whole()
    equal(status, 0, text)
    contains(text, "\r1/3  loss 0.", " left")
    shown = lines_of(text)
    equal([line[:9] for line in shown if line.startswith("epoch")], ["epoch 1/3", "epoch 2/3", "epoch 3/3"])
    equal([line for line in shown if re.match(r"\d/3  loss", line)], [], "a progress line was left behind")


def test_what_a_recipe_prints_stands_on_lines_of_its_own():
    shown = lines_of(whole()[0])
    equal([line for line in shown if "seen" in line], ["seen\t1", "seen\t2", "seen\t3"])


def test_the_report_has_curves_in_braille_and_the_confusion_matrix():
    text, _ = whole()
    contains(text, "loss by epoch", "valid", "rows: actual, columns: predicted")
    assert any("\u2800" < letter <= "\u28ff" for letter in text)


def test_a_locale_without_utf_8_gets_ascii():
    text, _ = whole(LC_ALL="C")
    contains(text, "loss by epoch", "o valid")
    equal([letter for letter in text if ord(letter) > 126], [])


def test_at_30_columns_no_line_of_progress_is_longer_and_the_loss_stays():
    text, _ = whole(width=30)
    progress = re.findall(r"\r(\d/3  loss[^\r\n]*)", text)
    assert progress
    for line in progress:
        assert len(line) < 30, line


def test_nothing_is_said_by_escapes():
    lacks(whole(NO_COLOR="1")[0], "\x1b")


def test_interrupt_ends_it_between_two_steps():
    with folder(r=RECIPE) as path:
        child = terminal(path, "train.epochs=1000000", "--out", "out")
        child.expect("epoch 2/1000000")
        child.sendintr()
        text = child.read()
        child.close()
        equal((child.exitstatus, child.signalstatus) in ((130, None), (None, 2)), True, f"{child.exitstatus} {child.signalstatus}")
        contains(text, "moonlab: interrupted in epoch", "and the log are in out")
        equal(json.loads((path / "out" / "metrics.json").read_text())["stopped"], "interrupted")
        equal(sorted(file.name for file in (path / "out").iterdir()),
              ["config.json", "log.jsonl", "metrics.json", "model.safetensors", "recipe.lua", "record.json"])


def test_a_closed_terminal_keeps_what_was_reached():
    with folder(r=RECIPE) as path:
        child = terminal(path, "train.epochs=1000000", "--out", "out")
        child.expect("epoch 2/1000000")
        child.kill(15)
        child.read()
        child.close()
        equal((child.exitstatus, child.signalstatus) in ((143, None), (None, 15)), True, f"{child.exitstatus} {child.signalstatus}")
        equal(json.loads((path / "out" / "metrics.json").read_text())["stopped"], "interrupted")
