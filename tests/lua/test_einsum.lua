-- einsum against what the ops say, its gradients against differences, its messages whole.

local ml = require "moonlab"
local support = require "support"
local lu = require "luaunit"
local close = support.close

local function fails(text, f)
  local ok, message = pcall(f)
  lu.assertFalse(ok)
  lu.assertStrContains(tostring(message), text)
end

TestEinsum = {}

function TestEinsum:test_matrix_products_and_batches()
  local a, b = ml.randn(2, 3, 4), ml.randn(2, 4, 5)
  close(ml.einsum("bij,bjk->bik", a, b), a:bmm(b), 1e-5)
  close(ml.einsum("...ij,...jk->...ik", a, ml.ones(4, 5)), a:matmul(ml.ones(4, 5)), 1e-5)
end

function TestEinsum:test_integers_stay_integers_and_exact()
  local big = ml.tensor { { 16777217, 1 }, { 2, 3 } } -- 2^24 + 1 is no float32
  lu.assertEquals(ml.einsum("ij,jk->ik", big, big):tolist(), { { 281475010265091, 16777220 }, { 33554440, 11 } })
  lu.assertEquals(ml.einsum("ij,ij->", big:int(), big:int()).dtype, "int32")
  lu.assertEquals(ml.tensordot(ml.tensor { 1, 2 }, ml.tensor { 3, 4 }, 1):item(), 11)
  lu.assertEquals(ml.einsum("ij,jk->ik", big, ml.ones(2, 2)).dtype, "float32")
end

function TestEinsum:test_sums_transposes_and_traces()
  local a = ml.randn(4, 4)
  close(ml.einsum("ii", a), (a * ml.eye(4)):sum(), 1e-5)
  close(ml.einsum("ii->i", a), (a * ml.eye(4)):sum(1), 1e-5)
  close(ml.einsum("ba", a), a:transpose(), 0)
  close(ml.einsum("ij->j", a), a:sum(1), 1e-5)
  close(ml.einsum("i,j->ij", ml.ones(2), ml.tensor { 1.0, 2.0 }), ml.tensor { { 1.0, 2.0 }, { 1.0, 2.0 } }, 0)
end

function TestEinsum:test_three_tensors()
  local a, b, c = ml.randn(2, 3), ml.randn(3, 4), ml.randn(4, 5)
  close(ml.einsum("ij,jk,kl->li", a, b, c), a:matmul(b):matmul(c):transpose(), 1e-4)
end

function TestEinsum:test_gradients_are_those_of_differences()
  local a, b = ml.randn(2, 3, 3):double(), ml.randn(3, 4):double()
  a.requires_grad, b.requires_grad = true, true
  ml.gradcheck(function(x, y) return (ml.einsum("bii,ij->bj", x, y) ^ 2):sum() end, { a, b })
end

function TestEinsum:test_tensordot()
  local a, b = ml.randn(2, 3, 4), ml.randn(4, 3, 5)
  close(ml.tensordot(a, b, { { 2, 3 }, { 2, 1 } }), ml.einsum("ijk,kjl->il", a, b), 1e-5)
  close(ml.tensordot(a, b, 1), ml.einsum("ijk,kml->ijml", a, b), 1e-5)
end

function TestEinsum:test_marks_the_letter_that_clashes()
  fails("einsum: letter 'j' is 3 in tensor 1 and 4 in tensor 2\n  ij,jk->ik\n     ^",
    function() ml.einsum("ij,jk->ik", ml.ones(2, 3), ml.ones(4, 5)) end)
  fails("einsum: letter 'z' of the result stands in no term\n  ij->z\n      ^", function() ml.einsum("ij->z", ml.ones(2, 3)) end)
  fails("einsum: ij,jk has 2 terms, got 1 tensors", function() ml.einsum("ij,jk", ml.ones(2, 3)) end)
  fails("einsum: term 1 has 2 letters, tensor 1 has shape [2]", function() ml.einsum("ij", ml.ones(2)) end)
end
