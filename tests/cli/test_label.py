"""Labelling at a terminal: keys without Enter, ^C, and the terminal as it was before."""

import pexpect

import program
from program import contains, equal, folder

RECIPE = """
local ml = require "moonlab"
return ml.recipe {
  name = "mood", task = "binary", model = ml.nn.Linear(2), train = { optimizer = ml.optim.adam { lr = 0.1 } },
  data = { source = ml.data.csv "texts.csv", target = "mood", id = "id", columns = { mood = ml.data.category { "good", "bad" } } },
}
"""


def test_a_key_is_taken_without_enter_and_interrupt_keeps_what_was_labelled():
    with folder(r=RECIPE) as path:
        (path / "texts.csv").write_text("id,text\nA,hello\nB,good bye\nC,well\n")
        child = pexpect.spawn(program.BINARY, ["label", "r.lua", "--by", "ann"], cwd=str(path), dimensions=(24, 80), encoding="utf8",
                              env=program.environment(program.HOME), timeout=program.TIMEOUT, preexec_fn=program.heeds_signals)
        child.expect_exact("text: hello")
        child.expect_exact("q quit)")
        child.send("1")
        child.expect_exact("-> good")
        child.expect_exact("q quit)")
        child.send("\x1b[D")  # an arrow is one key, and that of no class
        child.expect_exact("is the key of no class")
        child.expect_exact("q quit)")
        child.sendintr()
        text = child.read()
        child.close()
        equal((child.exitstatus, child.signalstatus) in ((130, None), (None, 2)), True, f"{child.exitstatus} {child.signalstatus}")
        contains(text, "1 of 3 rows labelled by ann: good 1, bad 0", "labels in labels.csv")
        contains((path / "labels.csv").read_text(), "key,label,by,time\nA,good,ann,")
