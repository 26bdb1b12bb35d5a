/* NumPy's files: one array (.npy), and several with names (.npz, a zip archive of the former). Format:
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 *
 * Types on file and the tensors they become, big-endian and in Fortran order as well:
 *
 *     b1 bool    u1 uint8    i1 i2 u2 i4 int32    u4 i8 int64    u8 int64, where each element fits
 *     f2 f4 float32    f8 float64    c8 float32 and c16 float64 with a last dimension of 2: real, imaginary
 *
 * Text, dates, records and Python objects are refused; nothing of pickle is ever looked at. */
#ifndef ML_NPY_H
#define ML_NPY_H

#include "tensor/io/safetensors.h" /* ml_named_tensor */

typedef struct ml_npy_header {
  ml_shape shape; /* of the tensor */
  ml_dtype dtype; /* of the tensor */
  char kind;      /* 'b' bool, 'i' 'u' 'f' 'c' */
  int width;      /* bytes of a number on file; half an element of a complex array */
  bool big;       /* big-endian */
  bool fortran;
  int64_t count; /* numbers */
} ml_npy_header;

/* Where the bytes of an array come from. */
typedef struct ml_npy_source {
  const char *path;   /* for messages */
  const char *member; /* its name in an archive, or NULL */
  int64_t bound;      /* at most so many bytes come; nothing is allocated that they can't fill */
  bool exact;         /* it is not a bound, but the number */
  ml_status (*read)(ml_context *c, void *from, void *to, size_t bytes, size_t *got); /* fewer only at the end */
  void *from;
  int64_t taken;
} ml_npy_source;

/* npy_header.c */
ML_CHECKED ml_status ml_npy_header_read(ml_context *c, ml_npy_source *s, ml_npy_header *out);
enum { ML_NPY_HEADER_SIZE = 320 };
/* The header of contiguous elements; returns its length. */
size_t ml_npy_header_write(const ml_shape *shape, ml_dtype dtype, char out[ML_NPY_HEADER_SIZE]);
ML_CHECKED ml_status ml_npy_fail(ml_context *c, const ml_npy_source *s, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
ML_CHECKED ml_status ml_npy_exactly(ml_context *c, ml_npy_source *s, void *to, size_t bytes);

/* npy.c. The source must end where the array does. */
ML_CHECKED ml_status ml_npy_from(ml_context *c, ml_npy_source *s, ml_tensor **out);
/* A file, plain, gzip or Zstandard. */
ML_CHECKED ml_status ml_npy_read(ml_context *c, const char *path, ml_tensor **out);
ML_CHECKED ml_status ml_npy_peek(ml_context *c, const char *path, ml_shape *shape, ml_dtype *dtype);
ML_CHECKED ml_status ml_npy_write(ml_context *c, const char *path, const ml_tensor *x);

/* What the files of this format share: the content of a stream as a source, and numbers as the file has them, h->count of them at the end
 * of the tensor's memory, as those of the tensor. */
typedef struct ml_stream ml_stream;
ml_npy_source ml_npy_stream_source(ml_stream *s);
ML_CHECKED ml_status ml_npy_convert(ml_context *c, const ml_npy_source *s, const ml_npy_header *h, char *to, unsigned char *from);

/* npy_rows.c: a file whose rows are read as they are needed; plain and in C order. */
typedef struct ml_npy_file ml_npy_file;
ML_CHECKED ml_status ml_npy_open(ml_context *c, const char *path, ml_npy_file **out);
void ml_npy_close(ml_npy_file *f); /* NULL is fine */
const ml_shape *ml_npy_shape(const ml_npy_file *f);
ml_dtype ml_npy_dtype(const ml_npy_file *f);
/* rows: int64 [B], positions from 1 -> [B, ...] */
ML_CHECKED ml_status ml_npy_rows(ml_context *c, const ml_npy_file *f, const ml_tensor *rows, ml_tensor **out);

/* npy_append.c: a file that grows by rows, for arrays that are larger than memory. Until it is finished its header says that it has none,
 * so that no reader takes a part of it for the whole. */
typedef struct ml_npy_writer ml_npy_writer;
/* row: the sizes of a row */
ML_CHECKED ml_status ml_npy_create(ml_context *c, const char *path, const ml_shape *row, ml_dtype dtype, ml_npy_writer **out);
/* x: [B, ...], of the writer's type */
ML_CHECKED ml_status ml_npy_append(ml_context *c, ml_npy_writer *w, const ml_tensor *x);
/* All is on the disk. Nothing can be appended afterwards. */
ML_CHECKED ml_status ml_npy_finish(ml_context *c, ml_npy_writer *w);
void ml_npy_writer_close(ml_npy_writer *w); /* NULL is fine */

/* npz.c */
typedef struct ml_npz {
  int64_t count;
  ml_named_tensor *tensors; /* in the archive's order, without ".npy" */
  char *names;              /* they point in here */
  size_t names_bytes;
} ml_npz;
ML_CHECKED ml_status ml_npz_read(ml_context *c, const char *path, ml_npz *out);
void ml_npz_free(ml_npz *z); /* a zeroed one is fine */
/* Any strides; stored, not compressed: np.load can map it. */
ML_CHECKED ml_status ml_npz_write(ml_context *c, const char *path, const ml_named_tensor *list, int64_t count);

#endif
