-- Linear algebra: against PyTorch, what the factors are, and what is refused with which words. (The gradients of each op
-- against differences are in the sweep.)

local lu = require "luaunit"
local ml = require "moonlab"
local support = require "support"
local close, equal = support.close, support.equal

-- f(...), called from this file, raises exactly this message.
local function fails(expected, f, ...)
  local n, arguments = select("#", ...), { ... }
  support.fails(expected, function()
    local y = f(table.unpack(arguments, 1, n))
    return y
  end)
end
local la = ml.linalg

-- Oracle -------------------------------------------------------------------------------------------------------------

local oracle = dofile "tests/fixtures/linalg.lua"

-- The numbers of tests/fixtures/make_linalg.py.
local function pattern(shape, number, dtype)
  local n, list = 1, {}
  for _, size in ipairs(shape) do n = n * size end
  for i = 0, n - 1 do list[i + 1] = math.sin(0.7 * i * i + 1.3 * number) + 0.1 * math.cos(2.9 * i) end
  return ml.tensor(list, { dtype = dtype }):reshape(shape)
end

local function input(spec, number, dtype)
  local shape, kind = spec[1], spec[2]
  local x = pattern(shape, number, dtype)
  if kind ~= "g" then x = x + ml.eye(shape[#shape], { dtype = dtype }) * 3 end
  if kind == "s" then x = (x + x:transpose()) / 2 end
  x.requires_grad = true
  return x
end

-- What is compared of the factors: signs of vectors are free.
local function flat(...)
  local list = {}
  for i, x in ipairs { ... } do list[i] = x:flatten() end
  return ml.cat(list, 1)
end
local parts = {}
function parts.svd(x)
  local u, s, vh = la.svd(x, { full_matrices = false })
  return flat(u:abs(), s, vh:abs())
end
function parts.eigh(x)
  local w, v = la.eigh(x)
  return flat(w, v:abs())
end
function parts.qr(x, o) return flat(la.qr(x, o)) end

local function check(actual, list, shape, tolerance)
  local expected = ml.tensor(list, { dtype = "float64" }):reshape(shape)
  lu.assertEquals(actual.shape, shape)
  if not actual:detach():double():allclose(expected, { rtol = tolerance, atol = tolerance }) then
    lu.fail(("%s\nexpected %s"):format(tostring(actual), tostring(expected)))
  end
end

TestOracle = {}
for i, case in ipairs(oracle) do
  TestOracle[("test_%03d %s"):format(i, case[1])] = function()
    for dtype, tolerance in pairs { float64 = 1e-7, float32 = 2e-3 } do
      local inputs = {}
      for k, spec in ipairs(case.inputs) do inputs[k] = input(spec, k, dtype) end
      local call = assert(load("local la, svd, eigh, qr, a, b = ...; return " .. case[1]))
      local y = call(la, parts.svd, parts.eigh, parts.qr, inputs[1], inputs[2])
      check(y, case.y, case.shape, tolerance)
      y:backward(pattern(case.shape, 9, dtype))
      for k, list in ipairs(case.grads) do check(inputs[k].grad, list, case.inputs[k][1], tolerance) end
    end
  end
end

-- What the factors are -----------------------------------------------------------------------------------------------

TestFactors = {}

local function each_shape(f)
  for _, dtype in ipairs { "float32", "float64" } do
    for _, shape in ipairs { { 7, 7 }, { 9, 4 }, { 4, 9 }, { 3, 5, 6 }, { 2, 0, 3, 3 }, { 1, 40 }, { 70, 70 } } do
      f(ml.randn(shape, { dtype = dtype, key = 5 }), dtype == "float64" and 1e-12 or 2e-5)
    end
  end
end

local function orthonormal_columns(q, tolerance)
  close(q:transpose():matmul(q), ml.eye(q:size(-1), { dtype = q.dtype }):expand(q:transpose():matmul(q).shape), tolerance)
end

function TestFactors:test_svd_gives_the_matrix_again()
  each_shape(function(x, tolerance)
    for _, full in ipairs { true, false } do
      local u, s, vh = la.svd(x, { full_matrices = full })
      local k = s:size(-1)
      close(u:slice(-1, 1, k):matmul(s:unsqueeze(-1) * vh:slice(-2, 1, k)), x, tolerance * 10)
      orthonormal_columns(u, tolerance)
      orthonormal_columns(vh:transpose(), tolerance)
      lu.assertEquals(u:size(-1), full and x:size(-2) or k)
      lu.assertTrue(s:numel() == 0 or s:ge(0):all():item())
      if k > 1 then lu.assertTrue((s:slice(-1, 1, k - 1) - s:slice(-1, 2, k)):ge(0):all():item()) end
    end
  end)
end

function TestFactors:test_qr_gives_the_matrix_again()
  each_shape(function(x, tolerance)
    for _, mode in ipairs { "reduced", "complete" } do
      local q, r = la.qr(x, { mode = mode })
      close(q:matmul(r), x, tolerance * 10)
      orthonormal_columns(q, tolerance)
      for i = 2, math.min(r:size(-1) + 1, r:size(-2)) do
        lu.assertTrue(r:select(-2, i):slice(-1, 1, i - 1):eq(0):all():item())
      end
    end
  end)
end

function TestFactors:test_eigh_and_cholesky_give_the_matrix_again()
  for _, dtype in ipairs { "float32", "float64" } do
    local tolerance = dtype == "float64" and 1e-11 or 1e-3
    local x = ml.randn(3, 40, 40, { dtype = dtype, key = 6 })
    x = x:matmul(x:transpose()) + ml.eye(40, { dtype = dtype })
    local w, v = la.eigh(x)
    close(v:matmul(w:unsqueeze(-1) * v:transpose()), x, tolerance)
    lu.assertTrue((w:slice(-1, 2, -1) - w:slice(-1, 1, -2)):ge(0):all():item())
    local l = la.cholesky(x)
    close(l:matmul(l:transpose()), x, tolerance)
    lu.assertEquals(l:select(-2, 1):slice(-1, 2, -1):abs():max():item(), 0)
  end
end

function TestFactors:test_solve_inv_and_lstsq_agree()
  local a, b = ml.randn(4, 30, 30, { dtype = "float64", key = 7 }), ml.randn(4, 30, 5, { dtype = "float64", key = 8 })
  local x = la.solve(a, b)
  close(a:matmul(x), b, 1e-9)
  close(la.inv(a):matmul(b), x, 1e-8)
  local solution, rank = la.lstsq(a, b)
  close(solution, x, 1e-8)
  equal(rank, ml.full({ 4 }, 30, { dtype = "int64" }))
end

function TestFactors:test_lstsq_gives_the_shortest_of_many_solutions()
  local x, rank = la.lstsq(ml.tensor { { 1.0, 1.0 }, { 1.0, 1.0 } }, ml.tensor { { 2.0 }, { 2.0 } })
  close(x, { { 1 }, { 1 } }, 1e-6)
  lu.assertEquals(rank:item(), 1)
end

function TestFactors:test_determinants_know_their_sign()
  close(la.det(ml.tensor { { 0.0, 1.0 }, { 1.0, 0.0 } }), ml.tensor(-1.0), 0)
  local sign, logarithm = la.slogdet(ml.eye(400) * -2)
  lu.assertEquals(sign:item(), 1)
  lu.assertAlmostEquals(logarithm:item(), 400 * math.log(2), 1e-3)
  sign, logarithm = la.slogdet(ml.ones(2, 2))
  lu.assertEquals(sign:item(), 0)
  lu.assertEquals(logarithm:item(), -math.huge)
end

function TestFactors:test_nothing_at_all_is_a_matrix_too()
  lu.assertEquals(la.det(ml.zeros(0, 0)):item(), 1)
  local u, s, vh = la.svd(ml.zeros(3, 0))
  equal(u, ml.eye(3))
  lu.assertEquals({ s.shape, vh.shape }, { { 0 }, { 0, 0 } })
  lu.assertEquals(la.solve(ml.zeros(0, 0), ml.zeros(0, 2)).shape, { 0, 2 })
  lu.assertEquals(la.inv(ml.zeros(0, 3, 3)).shape, { 0, 3, 3 })
end

function TestFactors:test_ranks_and_norms()
  local x = ml.tensor { { 1.0, 2.0 }, { 2.0, 4.0 } }
  lu.assertEquals(la.matrix_rank(x):item(), 1)
  lu.assertEquals(la.matrix_rank(x, { rtol = 0.0 }).shape, {})
  equal(la.matrix_rank(ml.zeros(2, 3, 0)), ml.zeros(2, { dtype = "int64" }))
  lu.assertEquals(la.matrix_norm(x, 1):item(), 6)
  fails('matrix_norm: ord must be "fro", "nuc", 2, -2, 1, -1, math.huge or -math.huge, got 3', la.matrix_norm, x, 3)
end

-- Blocks and panels of the own factorisations are 32 columns wide: sizes around their edges, against SciPy.
TestSizes = {}
local sizes = dofile "tests/fixtures/linalg_sizes.lua"

local function matrix(m, n, number) return pattern({ m, n }, number, "float64") end
local function column(list) return ml.tensor(list, { dtype = "float64" }) end

function TestSizes:test_solve_inv_and_slogdet_agree_with_scipy()
  for _, case in ipairs(sizes.solve) do
    local a, b = matrix(case.n, case.n, 1), matrix(case.n, 1, 2)
    close(la.solve(a, b):flatten(), column(case.x), 1e-7)
    close(la.inv(a):select(1, -1), column(case.inverse), 1e-7)
    local sign, logarithm = la.slogdet(a)
    lu.assertEquals(sign:item(), case.sign)
    lu.assertAlmostEquals(logarithm:item(), case.logarithm, 1e-9)
  end
end

function TestSizes:test_qr_agrees_with_scipy_in_its_signs_too()
  for _, case in ipairs(sizes.qr) do
    local q, r = la.qr(matrix(case.m, case.n, 1))
    close(q:select(1, -1), column(case.last_of_q), 1e-8)
    close(r:diagonal(), column(case.diagonal), 1e-8)
    close(r:select(2, -1), column(case.last_of_r), 1e-8)
  end
end

function TestSizes:test_qr_of_any_shape_gives_the_matrix_again()
  for _, shape in ipairs { { 1, 1 }, { 31, 31 }, { 33, 33 }, { 65, 65 }, { 300, 33 }, { 33, 300 }, { 9, 33, 40 } } do
    for _, mode in ipairs { "reduced", "complete" } do
      local x = ml.randn(shape, { key = 11 })
      local q, r = la.qr(x, { mode = mode })
      close(q:matmul(r), x, 2e-5)
      close(q:transpose():matmul(q), ml.eye(q:size(-1)):expand(q:transpose():matmul(q).shape), 1e-5)
      close(r:tril(-1), r * 0, 0)
    end
  end
end

function TestSizes:test_qr_of_a_matrix_without_full_rank_has_orthonormal_columns()
  local thin = ml.randn(65, 3, { key = 12 }):matmul(ml.randn(3, 65, { key = 13 }))
  for _, x in ipairs { thin, ml.zeros(65, 65), ml.eye(65), thin:triu() } do
    local q, r = la.qr(x)
    close(q:matmul(r), x, 2e-5)
    close(q:transpose():matmul(q), ml.eye(65), 1e-5)
  end
end

-- Squares of these would overflow or vanish.
function TestSizes:test_qr_of_large_and_small_numbers()
  local x = ml.randn(65, 40, { key = 14 })
  local q, r = la.qr(x)
  for _, power in ipairs { 100, -100 } do
    local q2, r2 = la.qr(x * 2.0 ^ power)
    equal(q2, q)
    equal(r2, r * 2.0 ^ power)
  end
end

function TestSizes:test_rows_are_exchanged_where_the_diagonal_is_zero()
  for _, n in ipairs { 2, 33, 65 } do
    local a = ml.eye(n):flip(1)
    close(la.solve(a, ml.arange(1, n):float()), ml.arange(1, n):float():flip(1), 0)
    lu.assertEquals(la.det(a):item(), (n // 2) % 2 == 0 and 1 or -1)
  end
end

function TestSizes:test_a_singular_block_is_named()
  local a = ml.eye(70)
  a[{ 40, 40 }] = 0
  fails("solve: the matrix is singular at pivot 40\n  hint: ml.linalg.lstsq gives the solution of least norm", la.solve, a, ml.ones(70))
  lu.assertEquals(la.det(a):item(), 0)
  lu.assertTrue(la.inv(a * (0 / 0)):isnan():all():item())
end

function TestSizes:test_a_large_matrix_and_many_small_ones()
  local a, b = ml.randn(600, 600, { dtype = "float64", key = 15 }), ml.randn(600, 7, { dtype = "float64", key = 16 })
  close(a:matmul(la.solve(a, b)), b, 1e-9)
  local many, right = ml.randn(500, 5, 5, { dtype = "float64", key = 17 }), ml.randn(500, 5, { dtype = "float64", key = 18 })
  close(many:matmul(la.solve(many, right):unsqueeze(-1)):squeeze(-1), right, 1e-8)
end

-- The same bits, on one thread or on more, in this process or in a child.
function TestFactors:test_threads_do_not_show()
  local core = require "moonlab.core"
  local before, results = core.threads(), {}
  local x = ml.randn(24, 30, 30, { key = 9 })
  local large, in_a_child = ml.randn(420, 420, { key = 10 }), ml.randn(620, 620, { key = 10 })
  for i, n in ipairs { 1, 2 } do
    core.threads(n)
    results[i] = { la.inv(x), (la.svd(large)), (la.svd(in_a_child)), (la.eigh(large)), (la.qr(large)), la.solve(large, large) }
  end
  core.threads(before)
  for k, y in ipairs(results[1]) do equal(y, results[2][k]) end
end

-- What is refused ------------------------------------------------------------------------------------------------------

TestRefused = {}

function TestRefused:test_singular_matrices()
  local singular = ml.tensor { { 1.0, 2.0, 3.0 }, { 0.0, 1.0, 1.0 }, { 1.0, 3.0, 4.0 } }
  fails("inv: the matrix is singular at pivot 3\n  hint: ml.linalg.pinv gives the pseudo-inverse", la.inv, singular)
  fails("solve: the matrix is singular at pivot 3\n  hint: ml.linalg.lstsq gives the solution of least norm", la.solve, singular, ml.ones(3))
  fails("inv: matrix 2 of 2 is singular at pivot 3\n  hint: ml.linalg.pinv gives the pseudo-inverse", la.inv, ml.stack({ ml.eye(3), singular }, 1))
  fails("solve_triangular: the matrix is singular: number 2 of its diagonal is 0", la.solve_triangular, ml.tensor { { 1.0, 0.0 }, { 1.0, 0.0 } }, ml.ones(2, 1))
end

function TestRefused:test_what_is_not_positive_definite()
  fails("cholesky: the matrix is not positive definite: its leading 2 rows and columns have no factor\n" ..
    "  hint: a covariance may need a little on its diagonal: x + ml.eye(n) * 1e-6", la.cholesky, ml.tensor { { 1.0, 2.0 }, { 2.0, 1.0 } })
end

function TestRefused:test_nan_and_infinity()
  local x = ml.eye(3):expand(2, 3, 3):contiguous()
  x[{ 2, 3, 1 }] = 0 / 0
  fails("svd: NaN at [2, 3, 1] of the matrix (shape [2, 3, 3]): it must be finite", la.svd, x)
  fails("eigh: infinity at [1, 2] of the matrix (shape [2, 2]): it must be finite", la.eigh, ml.tensor { { 1.0, math.huge }, { 0.0, 1.0 } })
  lu.assertTrue(la.inv(x):select(1, 2):isnan():any():item())
end

function TestRefused:test_shapes()
  fails("svd: x must be a matrix or a batch of them, got shape [3]", la.svd, ml.ones(3))
  fails("inv: x must be square, got 2 rows and 3 columns (shape [2, 3])", la.inv, ml.ones(2, 3))
  fails("solve: b of shape [2, 4] does not fit a of shape [3, 3]: 3 rows are needed", la.solve, ml.eye(3), ml.ones(2, 4))
  fails("lstsq: b of shape [2, 1] does not fit a of shape [3, 2]: as many matrices with as many rows are needed", la.lstsq, ml.ones(3, 2), ml.ones(2, 1))
end

local function leaf(x)
  x.requires_grad = true
  return x
end

function TestRefused:test_gradients_that_do_not_exist()
  local function back(f, x)
    return function() f(leaf(x)):sum():backward() end
  end
  fails("svd: the gradient of u and vh needs distinct singular values, but numbers 1 and 2 are both 1\n  hint: use s alone (ml.linalg.svdvals)",
    back(function(x) return (la.svd(x)) end, ml.eye(2)))
  fails("svd: the gradient of u and vh of a matrix that is not square (shape [2, 3]) is that of the reduced ones\n  hint: write svd(x, {full_matrices = false})",
    back(function(x) return (la.svd(x)) end, ml.randn(2, 3)))
  fails("eigh: the gradient of the eigenvectors needs distinct eigenvalues, but numbers 1 and 2 are both 1\n  hint: use the eigenvalues alone",
    back(function(x) return (select(2, la.eigh(x))) end, ml.eye(2)))
  fails("qr: the gradient needs linearly independent columns, but number 2 of the diagonal of r is 0",
    back(function(x) return (la.qr(x)) end, ml.zeros(2, 2) + ml.tensor { { 1.0, 0.0 }, { 0.0, 0.0 } }))
  fails('qr: no gradient with mode = "complete" for more rows than columns (shape [3, 2])\n  hint: mode = "reduced"',
    back(function(x) return (la.qr(x, { mode = "complete" })) end, ml.randn(3, 2)))
  fails("inv: the matrix is singular at pivot 2\n  hint: ml.linalg.pinv gives the pseudo-inverse\n  in the gradient of det", back(la.det, ml.ones(2, 2)))
end

function TestRefused:test_equal_singular_values_still_have_gradients()
  local x = leaf(ml.eye(3))
  la.svdvals(x):sum():backward()
  close(x.grad, ml.eye(3), 1e-6)
end

function TestRefused:test_ops_stand_in_linalg_alone()
  lu.assertEquals(pcall(function() return ml.svd end), false)
  lu.assertNil(require "moonlab.core".methods.svd)
end
