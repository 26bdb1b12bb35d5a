/* Cuts a Winograd convolution into blocks of tiles and gives it room. Blocks follow from the sizes alone; the weight gradient
 * sums over a fixed number of pieces of tiles, which are then added in order. */

#include "nn/kernels.h"
#include "tensor/alloc.h"

enum {
  ENOUGH_CHANNELS = 8,
  BLOCK = 56, LEAST_BLOCK = 14,     /* tiles: multiples of the rows of a product's tile */
  BLOCK_CHANNELS = 192,             /* of input and output together, whose 56 tiles still are in the second-level cache */
  ENOUGH_BLOCKS = 8,
  WEIGHT_PIECES = 8,                /* of the weight gradient */
  PIECE_TILES = 96,                 /* and at least so many tiles for each */
  PARTIAL_ELEMENTS = 640 * 1024,    /* and how many elements they may have together */
};

static int64_t pieces_of(int64_t n, int64_t each) { return ml_pieces(n, each); }
static int64_t tiles_along(int64_t size) { return pieces_of(size, WINOGRAD_TILE); }
static int64_t whole_vectors(int64_t channels) { return pieces_of(channels, WINOGRAD_PACK) * WINOGRAD_PACK; }

bool winograd_suits(const conv_geometry *s) {
  if (s->kernel_h != 3 || s->kernel_w != 3 || s->stride_h != 1 || s->stride_w != 1 || s->dilation_h != 1 || s->dilation_w != 1 ||
      s->groups != 1)
    return false;
  if (s->in_channels < ENOUGH_CHANNELS || s->out_channels < ENOUGH_CHANNELS) return false;
  if (s->pad_top < 0 || s->pad_left < 0 || s->pad_top > 2 || s->pad_left > 2) return false;
  /* a tile that sticks out far costs as much as a whole one */
  int64_t tiles = tiles_along(s->out_height) * tiles_along(s->out_width);
  return tiles * WINOGRAD_PLACES * 3 <= s->out_height * s->out_width * 9 * 2;
}

static winograd_job job_of(const conv_geometry *s) {
  winograd_job k = {.geometry = *s, .tiles_h = tiles_along(s->out_height), .tiles_w = tiles_along(s->out_width)};
  k.in_width = whole_vectors(s->in_channels);
  k.out_width = whole_vectors(s->out_channels);
  return k;
}

static int64_t tiles_of(const winograd_job *k) { return k->geometry.images * k->tiles_h * k->tiles_w; }

static int64_t block_for(const winograd_job *k, int64_t tiles) {
  int64_t block = BLOCK, channels = k->in_width + k->out_width;
  while (block > LEAST_BLOCK && (block * channels > BLOCK * BLOCK_CHANNELS || tiles < block * ENOUGH_BLOCKS)) block /= 2;
  return block;
}

/* Planes are a line of the cache apart from a power of two, or all would fall into the same few sets. */
static int64_t apart(int64_t elements) { return elements + 16; }

static ml_status run_with_scratch(ml_context *c, nn_kernel which, int dtype, int64_t grain, winograd_job *k) {
  k->in_plane = apart(k->block * k->in_width);
  k->out_plane = apart(k->block * pieces_of(k->out_width, 32) * 32); /* whole panels */
  int64_t wider = k->in_width > k->out_width ? k->in_width : k->out_width;
  k->scratch_each = WINOGRAD_PLACES * (k->in_plane + k->out_plane) + wider;
  size_t bytes = (size_t)(ml_threads() * k->scratch_each) * ml_dtype_size((ml_dtype)dtype);
  ML_TRY(ml_alloc_checked(c, bytes, &k->scratch));
  ml_status status = nn_run(c, which, dtype, tiles_of(k), grain, k);
  ml_free(k->scratch, bytes);
  return status;
}

ml_status winograd_forward(ml_context *c, int dtype, const conv_geometry *s, const void *x, const void *gate,
                           const void *weight, bool turned, const void *bias, bool relu, void *y) {
  winograd_job k = job_of(s);
  k.block = block_for(&k, tiles_of(&k));
  k.x = x, k.gate = gate, k.bias = bias, k.relu = relu, k.y = y;
  k.weight_plane = apart(s->in_channels * pieces_of(k.out_width, 32) * 32);
  size_t bytes = (size_t)(WINOGRAD_PLACES * k.weight_plane) * ml_dtype_size((ml_dtype)dtype);
  ML_TRY(ml_alloc_checked(c, bytes, &k.weight));
  winograd_weight_job pack = {.inputs = s->in_channels, .outputs = s->out_channels, .turned = turned, .weight = weight,
                              .packed = k.weight, .plane = k.weight_plane,
                              .in_step = turned ? s->out_channels * 9 : 9,
                              .out_step = turned ? 9 : s->in_channels * 9};
  ml_status status = nn_run(c, NN_winograd_pack, dtype, k.out_width / WINOGRAD_PACK, 1, &pack);
  if (status == ML_OK) status = run_with_scratch(c, NN_winograd_forward, dtype, k.block, &k);
  ml_free(k.weight, bytes);
  return status;
}

ml_status winograd_weight_gradient(ml_context *c, int dtype, const conv_geometry *s, const void *x, const void *g,
                                   const void *gate, void *dweight, void *dbias) {
  winograd_job k = job_of(s);
  int64_t tiles = tiles_of(&k), each = WINOGRAD_PLACES * s->in_channels * k.out_width;
  int64_t pieces = tiles / PIECE_TILES, most = PARTIAL_ELEMENTS / each;
  if (pieces > WEIGHT_PIECES) pieces = WEIGHT_PIECES;
  if (pieces > most) pieces = most;
  if (pieces < 2) pieces = 2;
  k.piece = pieces_of(tiles, pieces);
  pieces = pieces_of(tiles, k.piece);
  k.block = block_for(&k, INT64_MAX / BLOCK);
  k.x = x, k.g = g, k.gate = gate;
  size_t size = ml_dtype_size((ml_dtype)dtype), bytes = (size_t)(pieces * (each + k.out_width)) * size;
  ML_TRY(ml_alloc_checked(c, bytes, &k.partial));
  if (dbias) k.partial_bias = (char *)k.partial + (size_t)(pieces * each) * size;
  ml_status status = run_with_scratch(c, NN_winograd_weight, dtype, k.piece, &k);
  winograd_sum_job sum = {s->in_channels, s->out_channels, k.out_width, pieces, k.partial, dweight};
  if (status == ML_OK) status = nn_run(c, NN_winograd_sum, dtype, s->in_channels, nn_grain(each / s->in_channels), &sum);
  add_partials_job add = {.pieces = pieces, .count = s->out_channels, .stride = k.out_width, .partial = k.partial_bias, .out = dbias};
  if (status == ML_OK && dbias) status = nn_run(c, NN_add_partials, dtype, s->out_channels, s->out_channels, &add);
  ml_free(k.partial, bytes);
  return status;
}
