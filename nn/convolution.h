/* Convolutions over channels-last pictures: what their kernels are told, and the three passes that the ops are made of.
 *
 * Every pass has a transposed convolution in it, too: its forward pass is the data gradient of a convolution. */
#ifndef ML_NN_CONVOLUTION_H
#define ML_NN_CONVOLUTION_H

#include "tensor/tensor.h"

/* x: images x height x width x in_channels; y: images x out_height x out_width x out_channels (in memory);
 * weight: out_channels x in_channels/groups x kernel_h x kernel_w. */
typedef struct conv_geometry {
  int64_t images, groups;
  int64_t in_channels, height, width;
  int64_t out_channels, out_height, out_width;
  int64_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
  int64_t pad_top, pad_left; /* may be negative: the picture is then cut */
} conv_geometry;

/* The passes; dtype is that of all tensors, which are stored and not empty. bias and dbias may be NULL. relu: it is applied
 * to y. gate, of g's shape, or NULL: g counts only where it is above 0; allowed where conv_takes_gate says so. */
ML_CHECKED ml_status conv_forward(ml_context *c, int dtype, const conv_geometry *s, const void *x, const void *weight,
                                  const void *bias, bool relu, void *y);
ML_CHECKED ml_status conv_data_gradient(ml_context *c, int dtype, const conv_geometry *s, const void *g, const void *gate,
                                        const void *weight, const void *bias, void *dx);
ML_CHECKED ml_status conv_weight_gradient(ml_context *c, int dtype, const conv_geometry *s, const void *x, const void *g,
                                          const void *gate, void *dweight, void *dbias);
bool conv_takes_gate(const conv_geometry *s);

/* Winograd's algorithm for 3x3 at stride 1: the same passes where it pays. `turned`: the data gradient, with the
 * geometry of the pass itself (x is what is read). */
bool winograd_suits(const conv_geometry *s);
ML_CHECKED ml_status winograd_forward(ml_context *c, int dtype, const conv_geometry *s, const void *x, const void *gate,
                                      const void *weight, bool turned, const void *bias, bool relu, void *y);
ML_CHECKED ml_status winograd_weight_gradient(ml_context *c, int dtype, const conv_geometry *s, const void *x, const void *g,
                                              const void *gate, void *dweight, void *dbias);

/* A place that a position reads, relative to position * step, and the element of the kernel it meets. */
typedef struct conv_tap {
  int64_t h, w, index;
} conv_tap;

/* The positions of a result, and what each reads of the pictures it is made from: one row of taps x group_channels. */
typedef struct conv_gather {
  int64_t images, rows, columns; /* of positions */
  int64_t step_h, step_w;        /* in the source */
  int64_t height, width, channels, group_channels; /* of the source */
  int64_t taps, run;             /* `run` of them, one after the other, stand beside each other in the source */
  conv_tap *tap;
  int64_t first_h, first_w, tall, wide; /* of the taps: the first row and column, and how many they reach over */
  bool plain;                    /* the source's pixels are the rows */
} conv_gather;

/* The columns that a row of positions reads, and the rows that n of them read. */
static inline int64_t conv_span(const conv_gather *s) { return (s->columns - 1) * s->step_w + s->wide; }
static inline int64_t conv_reach(const conv_gather *s, int64_t n) { return (n - 1) * s->step_h + s->tall; }

/* Where results go: position (i, j) is (i * step_h + h, j * step_w + w) of a picture of height x width. */
typedef struct conv_target {
  int64_t height, width, step_h, step_w, h, w;
  bool whole; /* every place, in order */
} conv_target;

/* result row = gathered row * packed weight + bias, group by group. Over positions, or over images * rows of them. */
typedef struct conv_product_job {
  conv_gather from;
  conv_target to;
  bool relu;               /* applied to the result */
  int64_t groups, outputs; /* outputs: of a group */
  const void *source, *packed, *bias;
  int64_t packed_each; /* elements of a group */
  void *result;
  int64_t block; /* positions, or rows of them, at once */
  void *scratch; /* scratch_each elements for each thread */
  int64_t scratch_each;
} conv_product_job;

/* The weight as panels for product_run: a row for each (tap, channel of the source). Over groups * blocks of CONV_PANEL
 * outputs, the widest panel that there is. */
enum { CONV_PANEL = 32 };
typedef struct conv_pack_job {
  const conv_gather *from;
  int64_t outputs, row, column, group; /* strides of the weight: channel of the source, output, group */
  const void *weight;
  void *packed;
  int64_t packed_each;
} conv_pack_job;

/* Partial weight gradients: for each piece and group gathered rows^T * g. Over positions, or over images * rows of them. */
typedef struct conv_weight_job {
  conv_gather from;
  int64_t groups, outputs;
  const void *source, *g;
  void *partial;      /* pieces x groups x (taps * group_channels) x outputs */
  void *partial_bias; /* pieces x groups*outputs, or NULL */
  int64_t block, piece;
  int64_t packed_columns; /* outputs, rounded up to whole panels */
  void *scratch;
  int64_t scratch_each;
} conv_weight_job;

/* The sum over the pieces, into a weight of the given strides. Over groups * taps * group_channels. */
typedef struct conv_weight_sum_job {
  const conv_gather *from;
  int64_t groups, outputs, pieces, row, column, group;
  const void *partial;
  void *out;
} conv_weight_sum_job;

/* The data gradient of few channels. Over images. */
typedef struct conv_spread_job {
  conv_geometry geometry;
  const void *g, *weight, *bias;
  void *dx;
  int64_t width; /* of a row of positions, rounded up to whole panels */
  void *scratch;
  int64_t scratch_each;
} conv_spread_job;

/* Over images * rows. */
typedef struct depthwise_job {
  conv_gather from;
  conv_target to;
  bool relu;     /* applied to the result */
  int64_t width; /* channels rounded up to whole vectors */
  const void *source, *weight, *bias; /* weight: taps x width */
  void *result;
  const void *g; /* weight gradient: a piece is `piece` of the rows */
  int64_t piece;
  void *partial;      /* pieces x taps x width */
  void *partial_bias; /* pieces x channels, or NULL */
} depthwise_job;

/* Tiles of 4 x 4 results of a 3x3 convolution, 36 places a tile in the transformed domain. */
enum { WINOGRAD_TILE = 4, WINOGRAD_PLACES = 36, WINOGRAD_PACK = 16 };
typedef struct winograd_job {
  conv_geometry geometry;
  int64_t tiles_h, tiles_w; /* of a picture */
  int64_t block;            /* tiles at once */
  const void *x, *g, *bias;
  const void *gate; /* NULL, or the gradient (x of the data gradient, g of the weight's) counts only where this is above 0 */
  bool relu;        /* applied to y */
  void *y;
  void *weight;          /* packed: place by place, weight_plane elements each */
  int64_t weight_plane;
  void *scratch;         /* scratch_each elements a thread: in_plane for each place, then out_plane, then a square of x or g */
  int64_t scratch_each, in_plane, out_plane;
  int64_t in_width, out_width; /* channels rounded up to whole vectors */
  int64_t piece;         /* weight gradient: tiles of a partial sum */
  void *partial;         /* pieces x 36 x in_channels x out_width */
  void *partial_bias;    /* pieces x out_width, or NULL */
} winograd_job;

/* Over blocks of WINOGRAD_PACK outputs: transforms the kernels; element (input, output) of the matrices has its 9 at
 * weight + input * in_step + output * out_step, backwards if turned. */
typedef struct winograd_weight_job {
  int64_t inputs, outputs, in_step, out_step;
  bool turned;
  const void *weight;
  void *packed;
  int64_t plane;
} winograd_weight_job;

/* Over inputs: dweight from the sum of the pieces. */
typedef struct winograd_sum_job {
  int64_t inputs, outputs, width, pieces;
  const void *partial;
  void *dweight;
} winograd_sum_job;

#endif
