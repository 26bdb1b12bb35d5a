-- Matrix products ----------------------------------------------------------------------------------------------------

op "matmul" {
  family = "function", source = "tensor/matmul.c", accepts = "float", grad = "function", saves = { "x", "y" }, second = true,
  strided = true,
  args = { { "x", "tensor" }, { "y", "tensor" } },
  cases = { { x = { 3 }, y = { 3 } }, { x = { 2, 3 }, y = { 3 } }, { x = { 3 }, y = { 3, 2 } }, { x = { 2, 3 }, y = { 3, 4 } },
    { x = { 5, 2, 3 }, y = { 3, 4 } }, { x = { 2, 3 }, y = { 5, 3, 4 } }, { x = { 2, 1, 2, 3 }, y = { 4, 3, 2 } }, { x = { 5, 2, 3 }, y = { 3 } } },
  doc = "Matrix product of the last two dimensions; those before broadcast. A vector on the left is a row, on the right a column, and that dimension goes again.",
  example = "ml.tensor{{1.0, 2.0}, {3.0, 4.0}}:matmul(ml.tensor{1.0, 1.0})   --> 3  7",
}
op "mm" {
  family = "function", source = "tensor/matmul.c", accepts = "float", grad = "function", saves = { "x", "y" }, second = true,
  strided = true,
  args = { { "x", "tensor" }, { "y", "tensor" } }, cases = { { x = { 2, 3 }, y = { 3, 4 } } },
  doc = "Matrix product of two matrices (m, k) and (k, n). Nothing broadcasts.",
  example = "ml.eye(2):mm(ml.tensor{{1.0, 2.0}, {3.0, 4.0}})",
}
op "bmm" {
  family = "function", source = "tensor/matmul.c", accepts = "float", grad = "function", saves = { "x", "y" }, second = true,
  strided = true,
  args = { { "x", "tensor" }, { "y", "tensor" } }, cases = { { x = { 5, 2, 3 }, y = { 5, 3, 4 } } },
  doc = "Matrix products of two equal batches, (b, m, k) and (b, k, n). Nothing broadcasts.",
  example = "ml.ones(2, 1, 3):bmm(ml.ones(2, 3, 1))",
}
