/* The three passes of a convolution of channels-last pictures. 3x3 kernels at stride 1 go to Winograd's algorithm where that
 * pays; the others gather, for a block of positions, what each reads and multiply it by the weight.
 *
 * The data gradient is such a product too: a place of dx is reached by those taps for which the stride divides, which are the
 * same for all places that are equal modulo the stride; so each such class is a pass of its own (at stride 1 there is one).
 * The weight gradient sums over a fixed number of pieces of positions, which are then added in order. */

#include "nn/kernels.h"
#include "tensor/alloc.h"

#include <string.h>

enum {
  BLOCK = 84, LEAST_BLOCK = 14,    /* positions: multiples of the rows of a product's tile */
  BLOCK_ELEMENTS = 1 << 16,        /* of gathered rows: a quarter of a megabyte of floats stays in the second-level cache */
  ENOUGH_BLOCKS = 8,
  ENOUGH_COLUMNS = 7, ENOUGH_RUN = 3, /* for products by rows of positions: see rows_suit */
  FEW_CHANNELS = 4,
  WEIGHT_PIECES = 8,               /* partial sums of a weight gradient */
  PIECE_POSITIONS = 512,           /* and at least so many positions for each */
  PARTIAL_ELEMENTS = 640 * 1024,   /* and how many elements they may have together */
  PANEL = CONV_PANEL,
  VECTOR = 16,                     /* and the longest vector */
};

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t rounded(int64_t n, int64_t to) { return ml_pieces(n, to) * to; }
static int64_t positions_of(const conv_gather *s) { return s->images * s->rows * s->columns; }
static int64_t depth_of(const conv_gather *s) { return s->taps * s->group_channels; }

/* Gathers -------------------------------------------------------------------------------------------------------- */

/* Taps beside each other are copied as one run where all their channels are wanted. */
static void find_runs(conv_gather *s) {
  s->run = 1;
  if (s->channels == s->group_channels && s->taps > 0) {
    int64_t run = 1;
    while (run < s->taps && s->tap[run].h == s->tap[0].h && s->tap[run].w == s->tap[0].w + run) run++;
    bool all = s->taps % run == 0;
    for (int64_t t = 0; all && t < s->taps; t++) {
      const conv_tap *first = &s->tap[t / run * run];
      all = s->tap[t].h == first->h && s->tap[t].w == first->w + t % run;
    }
    if (all) s->run = run;
  }
  s->first_h = s->first_w = 0;
  int64_t last_h = -1, last_w = -1;
  for (int64_t t = 0; t < s->taps; t++) {
    const conv_tap *tap = &s->tap[t];
    if (t == 0 || tap->h < s->first_h) s->first_h = tap->h;
    if (t == 0 || tap->w < s->first_w) s->first_w = tap->w;
    if (t == 0 || tap->h > last_h) last_h = tap->h;
    if (t == 0 || tap->w > last_w) last_w = tap->w;
  }
  s->tall = last_h - s->first_h + 1, s->wide = last_w - s->first_w + 1;
  s->plain = s->taps == 1 && s->tap[0].h == 0 && s->tap[0].w == 0 && s->step_h == 1 && s->step_w == 1 &&
             s->rows == s->height && s->columns == s->width;
}

/* What y reads of x. */
static conv_gather gather_forward(const conv_geometry *s, conv_tap *room) {
  conv_gather from = {.images = s->images, .rows = s->out_height, .columns = s->out_width, .step_h = s->stride_h,
                      .step_w = s->stride_w, .height = s->height, .width = s->width, .channels = s->in_channels,
                      .group_channels = s->in_channels / s->groups, .tap = room};
  for (int64_t u = 0; u < s->kernel_h; u++)
    for (int64_t v = 0; v < s->kernel_w; v++)
      room[from.taps++] = (conv_tap){u * s->dilation_h - s->pad_top, v * s->dilation_w - s->pad_left, u * s->kernel_w + v};
  find_runs(&from);
  return from;
}

/* Whether tap u reaches places that are `phase` modulo the stride, and then where in g, relative to place / stride. */
static bool reaches(int64_t u, int64_t dilation, int64_t pad, int64_t stride, int64_t phase, int64_t *at) {
  int64_t offset = phase + pad - u * dilation;
  *at = offset / stride;
  return offset % stride == 0;
}

/* What places (phase_h, phase_w) modulo the stride of dx read of g; taps from the last on, so that they go to the right. */
static conv_gather gather_data(const conv_geometry *s, int64_t phase_h, int64_t phase_w, conv_tap *room) {
  conv_gather from = {.images = s->images, .rows = ml_pieces(s->height - phase_h, s->stride_h),
                      .columns = ml_pieces(s->width - phase_w, s->stride_w), .step_h = 1, .step_w = 1,
                      .height = s->out_height, .width = s->out_width, .channels = s->out_channels,
                      .group_channels = s->out_channels / s->groups, .tap = room};
  for (int64_t u = s->kernel_h - 1; u >= 0; u--)
    for (int64_t v = s->kernel_w - 1; v >= 0; v--) {
      int64_t h, w;
      if (reaches(u, s->dilation_h, s->pad_top, s->stride_h, phase_h, &h) &&
          reaches(v, s->dilation_w, s->pad_left, s->stride_w, phase_w, &w))
        room[from.taps++] = (conv_tap){h, w, u * s->kernel_w + v};
    }
  find_runs(&from);
  return from;
}

static ml_status make_taps(ml_context *c, const conv_geometry *s, size_t *bytes, conv_tap **out) {
  *bytes = (size_t)(s->kernel_h * s->kernel_w) * sizeof(conv_tap);
  return ml_alloc_checked(c, *bytes, (void **)out);
}

static conv_target whole_target(int64_t height, int64_t width) {
  return (conv_target){.height = height, .width = width, .step_h = 1, .step_w = 1, .whole = true};
}
static conv_target phase_target(const conv_geometry *s, int64_t phase_h, int64_t phase_w) {
  return (conv_target){.height = s->height, .width = s->width, .step_h = s->stride_h, .step_w = s->stride_w, .h = phase_h,
                       .w = phase_w, .whole = s->stride_h == 1 && s->stride_w == 1};
}

/* Products ------------------------------------------------------------------------------------------------------- */

/* Few enough positions for the cache, and enough blocks for several threads. The sizes alone decide. */
static int64_t block_for(const conv_gather *s) {
  int64_t block = BLOCK;
  while (block > LEAST_BLOCK && (block * depth_of(s) > BLOCK_ELEMENTS || positions_of(s) < block * ENOUGH_BLOCKS)) block -= 14;
  return block;
}

/* Whether rows of positions are long enough for the product's tiles, and each run of taps for its chains. */
static bool rows_suit(const conv_gather *s) {
  return !s->plain && s->channels == s->group_channels && s->columns >= ENOUGH_COLUMNS && s->run * s->channels >= ENOUGH_RUN;
}

/* How many rows of positions at once: their copy stays in the cache, and there are enough blocks for several threads. */
static int64_t block_of_rows(const conv_gather *s) {
  int64_t rows = BLOCK / s->columns + 1;
  while (rows > 1 && (conv_reach(s, rows) * conv_span(s) * s->channels > BLOCK_ELEMENTS || s->images * s->rows < rows * ENOUGH_BLOCKS)) rows--;
  return rows;
}

/* Elements of the copy of the rows that `rows` of positions read. */
static int64_t copy_of_rows(const conv_gather *s, int64_t rows) {
  return rounded(conv_reach(s, rows) * conv_span(s) * s->channels, VECTOR) + VECTOR;
}

/* Of each thread, in elements. */
static int64_t scratch_of(const conv_product_job *k, bool by_rows) {
  const conv_gather *s = &k->from;
  if (by_rows) return copy_of_rows(s, k->block);
  return rounded((s->plain ? 0 : k->block * depth_of(s)) + (k->to.whole ? 0 : k->block * k->outputs), VECTOR) + VECTOR;
}

/* y = x gathered * weight; the weight's strides stand in `pack`. */
static ml_status run_product(ml_context *c, int dtype, conv_product_job *k, conv_pack_job *pack) {
  int64_t positions = positions_of(&k->from);
  if (k->from.taps == 0) return nn_run(c, NN_conv_clear, dtype, positions, nn_grain(k->outputs), k);
  int64_t depth = depth_of(&k->from), panels = ml_pieces(k->outputs, PANEL);
  bool by_rows = k->groups == 1 && rows_suit(&k->from);
  k->block = by_rows ? block_of_rows(&k->from) : block_for(&k->from);
  k->packed_each = rounded(depth * panels * PANEL, VECTOR);
  k->scratch_each = scratch_of(k, by_rows);
  size_t size = ml_dtype_size((ml_dtype)dtype);
  size_t packed_bytes = (size_t)(k->groups * k->packed_each) * size, bytes = packed_bytes + (size_t)(ml_threads() * k->scratch_each) * size;
  void *room;
  ML_TRY(ml_alloc_checked(c, bytes, &room));
  k->packed = pack->packed = room;
  k->scratch = (char *)room + packed_bytes;
  pack->from = &k->from, pack->outputs = k->outputs, pack->packed_each = k->packed_each;
  ml_status status = nn_run(c, NN_conv_pack, dtype, k->groups * panels, nn_grain(depth * PANEL), pack);
  if (status == ML_OK && by_rows) status = nn_run(c, NN_conv_rows, dtype, k->from.images * k->from.rows, k->block, k);
  else if (status == ML_OK) status = nn_run(c, NN_conv_product, dtype, positions, k->block, k);
  ml_free(room, bytes);
  return status;
}

/* Depthwise ------------------------------------------------------------------------------------------------------ */

static bool depthwise_suits(const conv_geometry *s) {
  return s->groups > 1 && s->groups == s->in_channels && s->groups == s->out_channels;
}

/* taps x channels, from channels x kernel. */
static ml_status run_depthwise(ml_context *c, int dtype, depthwise_job *k, const void *weight, int64_t kernel) {
  const conv_gather *s = &k->from;
  size_t size = ml_dtype_size((ml_dtype)dtype), bytes;
  k->width = rounded(s->channels, VECTOR);
  bytes = (size_t)((s->taps + 1) * k->width) * size;
  char *turned;
  ML_TRY(ml_alloc_checked(c, bytes, (void **)&turned));
  memset(turned, 0, bytes);
  for (int64_t t = 0; t < s->taps; t++)
    for (int64_t ch = 0; ch < s->channels; ch++)
      memcpy(turned + (size_t)(t * k->width + ch) * size, (const char *)weight + (size_t)(ch * kernel + s->tap[t].index) * size, size);
  k->weight = turned;
  ml_status status = nn_run(c, NN_depthwise, dtype, s->images * s->rows, nn_grain(s->columns * s->channels * (s->taps + 1)), k);
  ml_free(turned, bytes);
  return status;
}

static ml_status depthwise_weight(ml_context *c, int dtype, const conv_gather *from, const void *x, const void *g, void *dweight,
                                  void *dbias) {
  depthwise_job k = {.from = *from, .width = rounded(from->channels, VECTOR), .source = x, .g = g};
  int64_t rows = from->images * from->rows, each = from->taps * k.width;
  k.piece = ml_pieces(rows, smaller(rows, WEIGHT_PIECES));
  int64_t pieces = ml_pieces(rows, k.piece);
  size_t size = ml_dtype_size((ml_dtype)dtype), bytes = (size_t)(pieces * (each + k.width)) * size;
  ML_TRY(ml_alloc_checked(c, bytes, &k.partial));
  if (dbias) k.partial_bias = (char *)k.partial + (size_t)(pieces * each) * size;
  ml_status status = nn_run(c, NN_depthwise_weight, dtype, rows, k.piece, &k);
  add_partials_job add = {pieces, each, each, k.partial, k.partial};
  if (status == ML_OK) status = nn_run(c, NN_add_partials, dtype, each, each, &add);
  for (int64_t t = 0; status == ML_OK && t < from->taps; t++)
    for (int64_t ch = 0; ch < from->channels; ch++)
      memcpy((char *)dweight + (size_t)(ch * from->taps + from->tap[t].index) * size,
             (const char *)k.partial + (size_t)(t * k.width + ch) * size, size);
  add = (add_partials_job){pieces, from->channels, from->channels, k.partial_bias, dbias};
  if (status == ML_OK && dbias) status = nn_run(c, NN_add_partials, dtype, from->channels, from->channels, &add);
  ml_free(k.partial, bytes);
  return status;
}

/* The passes ----------------------------------------------------------------------------------------------------- */

ml_status conv_forward(ml_context *c, int dtype, const conv_geometry *s, const void *x, const void *weight, const void *bias,
                       bool relu, void *y) {
  if (winograd_suits(s)) return winograd_forward(c, dtype, s, x, NULL, weight, false, bias, relu, y);
  conv_tap *room;
  size_t bytes;
  ML_TRY(make_taps(c, s, &bytes, &room));
  conv_gather from = gather_forward(s, room);
  conv_target to = whole_target(s->out_height, s->out_width);
  int64_t kernel = s->kernel_h * s->kernel_w, in = s->in_channels / s->groups, out = s->out_channels / s->groups;
  ml_status status;
  if (depthwise_suits(s)) {
    depthwise_job k = {.from = from, .to = to, .relu = relu, .source = x, .bias = bias, .result = y};
    status = run_depthwise(c, dtype, &k, weight, kernel);
  } else {
    conv_pack_job pack = {.row = kernel, .column = in * kernel, .group = out * in * kernel, .weight = weight};
    conv_product_job k = {.from = from, .to = to, .relu = relu, .groups = s->groups, .outputs = out, .source = x, .bias = bias, .result = y};
    status = run_product(c, dtype, &k, &pack);
  }
  ml_free(room, bytes);
  return status;
}

static ml_status data_phase(ml_context *c, int dtype, const conv_geometry *s, int64_t phase_h, int64_t phase_w, const void *g,
                            const void *weight, const void *bias, void *dx, conv_tap *room) {
  conv_gather from = gather_data(s, phase_h, phase_w, room);
  conv_target to = phase_target(s, phase_h, phase_w);
  int64_t kernel = s->kernel_h * s->kernel_w, in = s->in_channels / s->groups, out = s->out_channels / s->groups;
  if (depthwise_suits(s)) {
    depthwise_job k = {.from = from, .to = to, .source = g, .bias = bias, .result = dx};
    return run_depthwise(c, dtype, &k, weight, kernel);
  }
  conv_pack_job pack = {.row = in * kernel, .column = kernel, .group = out * in * kernel, .weight = weight};
  conv_product_job k = {.from = from, .to = to, .groups = s->groups, .outputs = in, .source = g, .bias = bias, .result = dx};
  return run_product(c, dtype, &k, &pack);
}

/* The convolution, at stride 1 and with the turned weight, that gives dx from g. */
static conv_geometry turned_geometry(const conv_geometry *s) {
  conv_geometry back = *s;
  back.in_channels = s->out_channels, back.out_channels = s->in_channels;
  back.height = s->out_height, back.width = s->out_width, back.out_height = s->height, back.out_width = s->width;
  back.pad_top = s->kernel_h - 1 - s->pad_top, back.pad_left = s->kernel_w - 1 - s->pad_left;
  return back;
}

bool conv_takes_gate(const conv_geometry *s) {
  conv_geometry back = turned_geometry(s);
  return winograd_suits(s) && winograd_suits(&back);
}

static bool spread_suits(const conv_geometry *s) { return s->groups == 1 && s->in_channels <= FEW_CHANNELS; }

static ml_status run_spread(ml_context *c, int dtype, const conv_geometry *s, const void *g, const void *weight, const void *bias, void *dx) {
  conv_spread_job k = {.geometry = *s, .g = g, .weight = weight, .bias = bias, .dx = dx, .width = rounded(s->out_width, PANEL)};
  int64_t rows = s->in_channels * s->kernel_h * s->kernel_w, work = s->out_height * k.width * s->out_channels * rows;
  k.scratch_each = (s->out_channels + rows) * k.width;
  size_t bytes = (size_t)(ml_threads() * k.scratch_each) * ml_dtype_size((ml_dtype)dtype);
  ML_TRY(ml_alloc_checked(c, bytes, &k.scratch));
  ml_status status = nn_run(c, NN_conv_spread, dtype, s->images, nn_grain(work), &k);
  ml_free(k.scratch, bytes);
  return status;
}

ml_status conv_data_gradient(ml_context *c, int dtype, const conv_geometry *s, const void *g, const void *gate,
                             const void *weight, const void *bias, void *dx) {
  conv_geometry back = turned_geometry(s);
  if (winograd_suits(&back)) return winograd_forward(c, dtype, &back, g, gate, weight, true, bias, false, dx);
  if (spread_suits(s)) return run_spread(c, dtype, s, g, weight, bias, dx);
  conv_tap *room;
  size_t bytes;
  ML_TRY(make_taps(c, s, &bytes, &room));
  ml_status status = ML_OK;
  for (int64_t h = 0; h < smaller(s->stride_h, s->height) && status == ML_OK; h++)
    for (int64_t w = 0; w < smaller(s->stride_w, s->width) && status == ML_OK; w++)
      status = data_phase(c, dtype, s, h, w, g, weight, bias, dx, room);
  ml_free(room, bytes);
  return status;
}

static ml_status product_weight(ml_context *c, int dtype, const conv_geometry *s, const conv_gather *from, const void *x,
                                const void *g, void *dweight, void *dbias) {
  int64_t in = from->group_channels, out = s->out_channels / s->groups, kernel = from->taps, depth = depth_of(from);
  int64_t positions = positions_of(from), each = s->groups * depth * out;
  int64_t pieces = smaller(smaller(WEIGHT_PIECES, positions / PIECE_POSITIONS), PARTIAL_ELEMENTS / each);
  bool by_rows = s->groups == 1 && rows_suit(from);
  conv_weight_job k = {.from = *from, .groups = s->groups, .outputs = out, .source = x, .g = g, .packed_columns = rounded(out, PANEL)};
  k.block = by_rows ? block_of_rows(from) : block_for(from);
  int64_t units = by_rows ? from->images * from->rows : positions;
  k.piece = ml_pieces(units, pieces < 2 ? 2 : pieces);
  pieces = ml_pieces(units, k.piece);
  k.scratch_each = by_rows ? from->columns * k.packed_columns + copy_of_rows(from, k.block)
                           : rounded(k.block * depth + k.block * k.packed_columns, VECTOR) + VECTOR;
  size_t size = ml_dtype_size((ml_dtype)dtype), scratch = (size_t)(ml_threads() * k.scratch_each) * size;
  size_t bytes = scratch + (size_t)(pieces * (each + s->out_channels)) * size;
  ML_TRY(ml_alloc_checked(c, bytes, &k.scratch));
  k.partial = (char *)k.scratch + scratch;
  if (dbias) k.partial_bias = (char *)k.partial + (size_t)(pieces * each) * size;
  ml_status status = nn_run(c, by_rows ? NN_conv_weight_rows : NN_conv_weight, dtype, units, k.piece, &k);
  conv_weight_sum_job sum = {.from = from, .groups = s->groups, .outputs = out, .pieces = pieces, .row = kernel,
                             .column = in * kernel, .group = out * in * kernel, .partial = k.partial, .out = dweight};
  if (status == ML_OK) status = nn_run(c, NN_conv_weight_sum, dtype, s->groups * depth, nn_grain(out * pieces), &sum);
  add_partials_job add = {pieces, s->out_channels, s->out_channels, k.partial_bias, dbias};
  if (status == ML_OK && dbias) status = nn_run(c, NN_add_partials, dtype, s->out_channels, s->out_channels, &add);
  ml_free(k.scratch, bytes);
  return status;
}

ml_status conv_weight_gradient(ml_context *c, int dtype, const conv_geometry *s, const void *x, const void *g,
                               const void *gate, void *dweight, void *dbias) {
  if (winograd_suits(s)) return winograd_weight_gradient(c, dtype, s, x, g, gate, dweight, dbias);
  conv_tap *room;
  size_t bytes;
  ML_TRY(make_taps(c, s, &bytes, &room));
  conv_gather from = gather_forward(s, room);
  ml_status status = depthwise_suits(s) ? depthwise_weight(c, dtype, &from, x, g, dweight, dbias)
                                        : product_weight(c, dtype, s, &from, x, g, dweight, dbias);
  ml_free(room, bytes);
  return status;
}
