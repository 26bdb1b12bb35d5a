-- Linear algebra -----------------------------------------------------------------------------------------------------
-- In ml.linalg, as in torch.linalg. Dimensions before the last two are a batch. LU and QR are our own (solve, inv, det, slogdet,
-- qr), with the same bits on every machine that has fused multiply-adds; the others are LAPACK's (OpenBLAS), with the same bits for
-- any number of threads on one kind of processor.

local function linalg(name, entry)
  entry.family, entry.accepts, entry.space, entry.method = "function", "float", "linalg", false
  entry.source = ("tensor/linalg/%s.c"):format(entry.file or name)
  entry.grad, entry.second, entry.file = "function", true, nil
  entry.domain = entry.domain or { x = { -2, 2 }, diagonal = 0 }
  op(name)(entry)
end

local squares = { { x = { 3, 3 } }, { x = { 2, 3, 3 } }, { x = { 1, 1 } } }
local dominant = { x = { -1, 1 }, diagonal = 4 }

linalg("svd", {
  args = { { "x", "tensor", shape = "... M N" } }, options = { { "full_matrices", "boolean", true } },
  results = { { "u" }, { "s" }, { "vh" } }, saves = { "u", "s", "vh" },
  cases = { { x = { 3, 3 } }, { x = { 4, 2 }, full_matrices = false }, { x = { 2, 2, 3 }, full_matrices = false } },
  doc = "The singular value decomposition: orthonormal columns u, singular values s in descending order, orthonormal rows vh. " ..
    "full_matrices: u and vh are square. u and vh have a gradient where the singular values are distinct; of a matrix that is not square, of the reduced ones only.",
  formula = "x = u diag(s) vh",
  example = "ml.linalg.svd(ml.tensor{{3.0, 0.0}, {0.0, 4.0}})   -- u, s = {4, 3}, vh",
})
linalg("eigh", {
  args = { { "x", "tensor", shape = "... N N" } }, results = { { "w" }, { "v" } }, saves = { "w", "v" }, cases = squares,
  doc = "Eigenvalues w (ascending) and orthonormal eigenvectors (the columns of v) of a symmetric matrix; of another, those of its symmetric part (x + x^T) / 2. " ..
    "v has a gradient where the eigenvalues are distinct.",
  formula = "x = v diag(w) v^T",
  example = "ml.linalg.eigh(ml.tensor{{2.0, 1.0}, {1.0, 2.0}})   --> 1  3",
})
linalg("qr", {
  args = { { "x", "tensor", shape = "... M N" } }, options = { { "mode", { "reduced", "complete" }, "reduced" } },
  results = { { "q" }, { "r" } }, saves = { "x", "q", "r" },
  cases = { { x = { 3, 3 } }, { x = { 4, 2 } }, { x = { 2, 2, 3 } }, { x = { 3, 3 }, mode = "complete" } },
  doc = "Orthonormal columns q and an upper triangular r. complete: q is square. The gradient needs full rank, and the reduced mode where there are more rows than columns.",
  formula = "x = q r",
  example = "ml.linalg.qr(ml.tensor{{3.0, 1.0}, {4.0, 1.0}})   -- q, r = {{-5, -1.4}, {0, -0.2}}",
})
linalg("cholesky", {
  args = { { "x", "tensor", shape = "... N N" } }, saves = { "result" }, cases = squares, domain = dominant,
  doc = "The lower triangular factor of a symmetric positive definite matrix; of one that is not symmetric, of its symmetric part (x + x^T) / 2.",
  formula = "x = l l^T",
  example = "ml.linalg.cholesky(ml.tensor{{4.0, 2.0}, {2.0, 5.0}})   --> 2  0  1  2",
})
linalg("solve", {
  file = "lu", args = { { "a", "tensor", shape = "... N N" }, { "b", "tensor" } }, saves = { "a", "result" }, domain = { a = dominant.x, diagonal = 4 },
  cases = { { a = { 3, 3 }, b = { 3 } }, { a = { 3, 3 }, b = { 3, 2 } }, { a = { 2, 3, 3 }, b = { 2, 3 } }, { a = { 3, 3 }, b = { 4, 3, 2 } }, { a = { 2, 1, 3, 3 }, b = { 4, 3, 1 } } },
  doc = "The x with a x = b, for a square a that is not singular; b is a vector [N] or a matrix [N, K], or a batch of them.",
  example = "ml.linalg.solve(ml.tensor{{2.0, 0.0}, {1.0, 1.0}}, ml.tensor{2.0, 3.0})   --> 1  2",
})
linalg("solve_triangular", {
  file = "triangular", args = { { "a", "tensor", shape = "... N N" }, { "b", "tensor", shape = "... N K" } },
  options = { { "upper", "boolean", false }, { "left", "boolean", true }, { "unitriangular", "boolean", false } },
  saves = { "a", "result" }, domain = { a = dominant.x, diagonal = 4 },
  cases = { { a = { 3, 3 }, b = { 3, 2 } }, { a = { 3, 3 }, b = { 2, 3, 2 }, upper = true }, { a = { 2, 3, 3 }, b = { 4, 3 }, left = false },
    { a = { 3, 3 }, b = { 3, 1 }, upper = true, unitriangular = true } },
  doc = "The x with a x = b (left = false: x a = b) for a triangular a, of which only that triangle is read. unitriangular: its diagonal counts as ones.",
  example = "ml.linalg.solve_triangular(ml.tensor{{2.0, 0.0}, {1.0, 1.0}}, ml.tensor{{2.0}, {3.0}})   --> 1  2",
})
linalg("inv", {
  file = "lu", args = { { "x", "tensor", shape = "... N N" } }, saves = { "result" }, cases = squares, domain = dominant,
  doc = "The inverse of a square matrix. For a x = b, solve is faster and more accurate.",
  example = "ml.linalg.inv(ml.tensor{{2.0, 0.0}, {0.0, 4.0}})   --> 0.5  0  0  0.25",
})
linalg("det", {
  file = "lu", args = { { "x", "tensor", shape = "... N N" } }, saves = { "x", "result" }, cases = squares, domain = dominant,
  doc = "The determinant. Its gradient needs a matrix that is not singular.",
  example = "ml.linalg.det(ml.tensor{{1.0, 2.0}, {3.0, 4.0}})   --> -2",
})
linalg("slogdet", {
  file = "lu", args = { { "x", "tensor", shape = "... N N" } }, results = { { "sign" }, { "logabsdet" } }, saves = { "x" }, cases = squares, domain = dominant,
  doc = "Sign and logarithm of the absolute value of the determinant, which neither overflows nor underflows; 0 and -inf for a singular matrix, which has no gradient.",
  formula = "det(x) = sign * exp(logabsdet)",
  example = "ml.linalg.slogdet(ml.eye(2) * -3)   -- 1, 2.1972",
})
linalg("pinv", {
  args = { { "x", "tensor", shape = "... M N" } }, options = { { "rtol", "number", -1 } }, saves = { "x", "result" },
  cases = { { x = { 3, 3 } }, { x = { 4, 2 } }, { x = { 2, 2, 3 } } },
  doc = "The pseudo-inverse (Moore-Penrose). Singular values up to rtol times the largest count as 0; rtol is the longer side times the type's epsilon if not given.",
  example = "ml.linalg.pinv(ml.tensor{{2.0}, {0.0}})   --> 0.5  0",
})
linalg("lstsq", {
  file = "pinv", args = { { "a", "tensor", shape = "... M N" }, { "b", "tensor", shape = "... M K" } }, options = { { "rtol", "number", -1 } },
  results = { { "solution" }, { "rank", dtype = "int64" } }, saves = { "a", "b" }, domain = { a = { -1, 1 }, diagonal = 2 },
  cases = { { a = { 4, 2 }, b = { 4, 3 } }, { a = { 3, 3 }, b = { 3, 1 } }, { a = { 2, 2, 3 }, b = { 2, 2, 2 } } },
  doc = "The x of least norm among those that make the norm of a x - b least, and the rank of a; rtol as in pinv.",
  example = "ml.linalg.lstsq(ml.tensor{{1.0}, {1.0}}, ml.tensor{{1.0}, {3.0}})   --> 2",
})
