"""The REPL with the real library: tensors, a training loop typed in, ^C inside a kernel and inside a training."""

import pathlib
import time

from program import contains, equal
from terminal import session

LOOP = """local set = data.tensors { x = ml.randn(64, 8), y = ml.randint(1, 3, {64}) }
local model = nn.Sequential { nn.Linear(16), nn.ReLU(), nn.Linear(3) }
local opt = ml.optim.adamw(model, { lr = 1e-2 })
for epoch = 1, 3 do
  for batch in set:batches { size = 16, shuffle = true } do
    local loss = nn.cross_entropy(model(batch.x), batch.y)
    opt:zero_grad(); loss:backward(); opt:step()
  end
  print("epoch", epoch)
end""".splitlines()


def test_tensors_show_their_shape_and_elements():
    with session() as s:
        equal(s.say("ml.ones(2, 2) + 1"), "Tensor[2, 2] float32\n  2  2\n  2  2\n")
        equal(s.say("{x = ml.ones(2, 2)}"), "{x = Tensor[2, 2] float32}\n")
        s.say("x = ml.zeros(3)")
        equal(s.say("%who"), "ans              {x = Tensor[2, 2] float32}\nx                Tensor[3] float32\n")


def test_a_training_loop_can_be_typed_in():
    with session() as s:
        for line in LOOP[:-1]:
            equal(s.say(line), "", line)
        equal(s.say(LOOP[-1]), "epoch\t1\nepoch\t2\nepoch\t3\n")
        contains(s.say("model:parameters()"), "Tensor[16, 8] float32")


def test_an_interrupt_in_a_kernel_keeps_the_variables():
    with session() as s:
        s.say("local a = ml.ones(1500, 1500)")
        for _ in range(5):
            s.type("print 'go' while true do b = a:matmul(a) end")
            s.child.send("\n")
            s.child.expect_exact("\ngo\r\n")
            contains(s.interrupt(), "interrupted")
        equal(s.say("a:matmul(a):min():item()"), "1500.0\n")


def test_an_interrupt_in_a_factorisation_gives_the_prompt_back_at_once():
    with session() as s:
        s.say("a = ml.randn(3000, 3000)")
        waited = []
        for _ in range(3):
            s.type("print 'go' ml.linalg.svd(a)")
            s.child.send("\n")
            s.child.expect_exact("\ngo\r\n")
            time.sleep(0.3)
            start = time.monotonic()
            contains(s.interrupt(), "interrupted")
            waited.append(time.monotonic() - start)
            equal(pathlib.Path(f"/proc/{s.child.pid}/task/{s.child.pid}/children").read_text(), "")
        assert min(waited) < 0.1, waited
        equal(s.say("ml.linalg.det(ml.eye(600)):item()"), "1.0\n")


def test_an_interrupt_in_a_training_keeps_the_model():
    with session() as s:
        for line in LOOP[:3]:
            s.say(line)
        s.type("local count = 0; print 'go' while true do for batch in set:batches { size = 16 } do local loss ="
               " nn.cross_entropy(model(batch.x), batch.y)")
        s.enter()
        s.type("opt:zero_grad(); loss:backward(); opt:step() count = count + 1 end end")
        s.child.send("\n")
        s.child.expect_exact("\ngo\r\n")
        contains(s.interrupt(), "interrupted")
        contains(s.say("math.type(count), model(ml.ones(2, 8)):size()"), '"integer"')
        contains(s.say("ml.metrics.accuracy(model, set) >= 0"), "true")


def test_help_is_there_for_what_the_library_exports():
    with session() as s:
        contains(s.say("?relu"), "relu")
        contains(s.say("?rellu"), "relu")
