-- THE table of the engine's ops: plain data, one entry an op, in tensor/ops/, a file a kind. nn/ops.lua lists those of the
-- layers, in the same form.
--
-- The generator (generator/) derives from it the C prototypes and dispatch, the kernels of the elementwise ops, the Lua
-- functions and methods with their argument checks, help, docs/ops.md, the editor annotations and the test sweeps.
--
--   family    "unary", "binary", "elementwise": `forward` and `grad` are expressions, and nothing else is to be written;
--             "view": <name>_infer and <name>_forward in `source`, forward sets strides and storage;
--             "function": <name>_infer, _forward and, unless grad says otherwise, _backward in `source`.
--   args      { name, type, [default], optional = }; type: tensor tensors index mask any state number integer boolean dim
--             new_dim dims position shape pair padding dtype, or a list of the words that are allowed (enum = another
--             name for its C type, where the argument's own is taken).
--             unary ops have x, binary ops x and y without saying so.
--   options   the same, by name in the trailing table.
--   accepts   what the tensors' types may be: any common number float logical (op.h says what each does)
--   space     the module of ml in which the op stands: svd is ml.linalg.svd. Those of nn/ops/ stand in ml.nn, and in ml too.
--   grad      expressions by input; "function": there is a <name>_backward; "none": said, never implied.
--             z is the result, g the gradient that arrives.
--   results   { name, dtype = } of each, for an op that gives several. The first must be the result that gradients depend on, if
--             one is not of a floating type. infer gives the shapes of the others (meta->more), that of the first if it says
--             nothing. <name>_backward gets a gradient for each, NULL where none arrives.
--   saves     what <name>_backward gets: inputs, "result" (or results by their names), and names in keeps.
--   keeps     { name, dtype = } made by forward for backward; infer gives its shape, that of the result if it says nothing.
--   prepare   <name>_prepare settles arguments before infer, and so for backward too.
--   in_place  x:name_(...) writes the result over x. Elementwise ops have that without saying so.
--   second    backward is made of ops: gradients of gradients work.
--   strided   inputs are taken with any strides; otherwise they are made contiguous first, unless an argument says
--             layout = "channels_last" (it arrives so) or "either" (so or row-major). With one that does, so may g.
--   domain    ranges that the sweep draws inputs from; `apart` keeps finite differences away from kinks;
--             `diagonal` is added to the diagonals of the matrices for which there is a range.
--   cases     argument lists for the sweep: a tensor is given by its shape, an index by shape and `below`.
--
-- Expressions use + - * /, numbers, the names of arguments, and elementwise ops. In a grad no branch of a where may be infinite or
-- NaN where it is not taken: the gradient of the gradient gives it 0, and 0 times that is NaN.

include "arithmetic"
include "comparison"
include "functions"
include "trigonometry"
include "rounding"
include "activations"
include "reductions"
include "scans"
include "order"
include "products"
include "shape"
include "rearranging"
include "indexing"
include "linalg"
include "fft"
