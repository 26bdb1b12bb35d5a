/* The header of a .npy array: a magic, a version, and a Python dict. See npy.h.
 *
 *     \x93NUMPY 1 0 <length, 2 bytes> {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }    \n
 *
 * Versions 2 and 3 have a length of 4 bytes. The dict is read by a small parser of its own that knows these three keys. */

#include "tensor/io/npy.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tensor/io/file.h"

#define WAY_OUT "; fetch it again"

enum { LONGEST = 1 << 16, DESCR = 64, ALIGN = 64 };

ml_status ml_npy_fail(ml_context *c, const ml_npy_source *s, const char *format, ...) {
  char text[800];
  va_list list;
  va_start(list, format);
  vsnprintf(text, sizeof text, format, list);
  va_end(list);
  if (s->member) return ml_file_fail(c, s->path, "'%.200s' %s", s->member, text);
  return ml_file_fail(c, s->path, "%s", text);
}

ml_status ml_npy_exactly(ml_context *c, ml_npy_source *s, void *to, size_t bytes) {
  size_t got;
  if (bytes == 0) return ML_OK;
  ML_TRY(s->read(c, s->from, to, bytes, &got));
  s->taken += (int64_t)got;
  if (got == bytes) return ML_OK;
  return ml_npy_fail(c, s, "is cut short: it ends after %lld bytes" WAY_OUT, (long long)s->taken);
}

/* The dict --------------------------------------------------------------------------------------------------------- */

typedef struct dict {
  const char *at, *end;
  char descr[DESCR];
  bool fortran;
  ml_shape shape;
} dict;

static void skip_space(dict *d) {
  while (d->at < d->end && (*d->at == ' ' || *d->at == '\t' || *d->at == '\n' || *d->at == '\r')) d->at++;
}

static bool take(dict *d, const char *word) {
  skip_space(d);
  size_t length = strlen(word);
  if ((size_t)(d->end - d->at) < length || memcmp(d->at, word, length) != 0) return false;
  d->at += length;
  return true;
}

/* 'text' or "text" without escapes. */
static bool take_string(dict *d, char *to, size_t room) {
  skip_space(d);
  if (d->at == d->end || (*d->at != '\'' && *d->at != '"')) return false;
  char quote = *d->at++;
  size_t length = 0;
  for (; d->at < d->end && *d->at != quote; d->at++) {
    if (*d->at == '\\' || *d->at < ' ' || length + 1 == room) return false;
    to[length++] = *d->at;
  }
  to[length] = '\0';
  return take(d, (char[]){quote, '\0'});
}

static bool take_size(dict *d, int64_t *out) {
  skip_space(d);
  const char *start = d->at;
  *out = 0;
  for (; d->at < d->end && *d->at >= '0' && *d->at <= '9'; d->at++)
    if (__builtin_mul_overflow(*out, 10, out) || __builtin_add_overflow(*out, *d->at - '0', out)) return false;
  if (d->at == start) return false;
  take(d, "L"); /* Python 2's long */
  return true;
}

/* (), (3,), (3, 4) */
static bool take_shape(dict *d) {
  if (!take(d, "(")) return false;
  bool comma = true;
  while (!take(d, ")")) {
    if (!comma || d->shape.ndim == ML_MAX_DIMS || !take_size(d, &d->shape.size[d->shape.ndim++])) return false;
    comma = take(d, ",");
  }
  return d->shape.ndim != 1 || comma; /* (3) is a number, no tuple */
}

/* "" or what is wrong. */
static const char *read_dict(dict *d) {
  static const char *const names[] = {"descr", "fortran_order", "shape"};
  unsigned seen = 0;
  char name[16];
  if (!take(d, "{")) return "is no Python dict";
  while (!take(d, "}")) {
    if (!take_string(d, name, sizeof name) || !take(d, ":")) return "is no Python dict";
    unsigned key = 0;
    while (key < 3 && strcmp(name, names[key]) != 0) key++;
    if (key == 3 || (seen & 1u << key)) return "has a key that is none of descr, fortran_order and shape, or one twice";
    seen |= 1u << key;
    if (key == 0 && take(d, "[")) return "records";
    if (key == 0 && !take_string(d, d->descr, DESCR)) return "has no type";
    if (key == 1) {
      d->fortran = take(d, "True");
      if (!d->fortran && !take(d, "False")) return "says neither True nor False of fortran_order";
    }
    if (key == 2 && !take_shape(d)) return "has a shape that is no tuple of at most 8 sizes";
    if (!take(d, ",")) {
      if (!take(d, "}")) return "is no Python dict";
      break;
    }
  }
  if (seen != 7) return "lacks one of descr, fortran_order and shape";
  skip_space(d);
  return d->at == d->end ? "" : "goes on behind its dict";
}

/* The type --------------------------------------------------------------------------------------------------------- */

static ml_status refuse_kind(ml_context *c, const ml_npy_source *s, const char *descr, char kind) {
  switch (kind) {
  case 'O':
    return ml_npy_fail(c, s, "holds Python objects (pickle), which can run code and are not read; save plain numbers: "
                             "np.save(path, np.asarray(x, dtype='float32'))");
  case 'U':
  case 'S':
  case 'a':
    return ml_npy_fail(c, s, "holds text (%s), which no tensor holds; save numbers for it: "
                             "names, codes = np.unique(x, return_inverse=True), or write the text to a CSV file", descr);
  case 'M':
  case 'm':
    return ml_npy_fail(c, s, "holds times (%s); save them as integers: x.astype('int64')", descr);
  case 'V': return ml_npy_fail(c, s, "holds records (%s); save each field as an array of its own", descr);
  default:
    return ml_npy_fail(c, s, "has the unknown type '%s'; known are bool, int8 to int64, uint8 to uint64, float16 to float64, "
                             "complex64 and complex128", descr);
  }
}

typedef struct known_type {
  char kind;
  int width;
  ml_dtype dtype;
} known_type;

/* Sets the type; width: of one number. */
static ml_status set_type(ml_context *c, const ml_npy_source *s, const char *descr, ml_npy_header *h) {
  static const known_type known[] = {
      {'b', 1, ML_BOOL},  {'u', 1, ML_UINT8}, {'i', 1, ML_INT32},   {'i', 2, ML_INT32},   {'u', 2, ML_INT32},
      {'i', 4, ML_INT32}, {'u', 4, ML_INT64}, {'i', 8, ML_INT64},   {'u', 8, ML_INT64},   {'f', 2, ML_FLOAT32},
      {'f', 4, ML_FLOAT32}, {'f', 8, ML_FLOAT64}, {'c', 8, ML_FLOAT32}, {'c', 16, ML_FLOAT64},
  };
  const char *at = descr;
  bool ordered = *at == '<' || *at == '>' || *at == '|' || *at == '=';
  h->big = *at == '>';
  if (ordered) at++;
  int width = 0;
  char more;
  int fields = *at && at[1] >= '0' && at[1] <= '9' ? sscanf(at + 1, "%4d%c", &width, &more) : 0;
  for (size_t i = 0; fields == 1 && i < sizeof known / sizeof *known; i++) {
    if (known[i].kind != *at || known[i].width != width) continue;
    h->kind = *at;
    h->dtype = known[i].dtype;
    h->width = *at == 'c' ? width / 2 : width;
    return ML_OK;
  }
  return refuse_kind(c, s, descr, *at);
}

/* The last dimension of complex numbers, and how many numbers there are. */
static ml_status set_count(ml_context *c, const ml_npy_source *s, ml_npy_header *h) {
  if (h->kind == 'c') {
    if (h->shape.ndim == ML_MAX_DIMS)
      return ml_npy_fail(c, s, "holds complex numbers in 8 dimensions; a tensor holds them in 7, and real and imaginary part in the last");
    h->shape.size[h->shape.ndim++] = 2;
  }
  int64_t bytes = 8; /* of the widest type; empty dimensions count as 1, so that no product of the others overflows */
  h->count = 1;
  for (int i = 0; i < h->shape.ndim; i++) {
    int64_t size = h->shape.size[i];
    if (__builtin_mul_overflow(bytes, size == 0 ? 1 : size, &bytes) || bytes > INT64_MAX / 2)
      return ml_npy_fail(c, s, "is damaged: its header announces the shape %s, more than any file holds" WAY_OUT, ML_SHAPE(&h->shape));
    h->count *= size;
  }
  return ML_OK;
}

static ml_status check_against_size(ml_context *c, const ml_npy_source *s, const ml_npy_header *h) {
  int64_t needed = h->count * h->width, there = s->bound - s->taken;
  if (needed > there)
    return ml_npy_fail(c, s, "is cut short: its header announces %s, %lld bytes, but %s%lld follow" WAY_OUT, ML_SHAPE(&h->shape),
                       (long long)needed, s->exact ? "" : "at most ", (long long)there);
  if (s->exact && needed < there)
    return ml_npy_fail(c, s, "has %lld bytes behind the %lld that its header announces for %s; an array a file is read",
                       (long long)(there - needed), (long long)needed, ML_SHAPE(&h->shape));
  return ML_OK;
}

/* Reading ---------------------------------------------------------------------------------------------------------- */

/* The text of the dict into `text`; its length. */
static ml_status read_text(ml_context *c, ml_npy_source *s, char text[LONGEST], size_t *length) {
  unsigned char start[12];
  if (s->exact && s->bound == 0) return ml_npy_fail(c, s, "is empty" WAY_OUT);
  if (s->exact && s->bound < 10) return ml_npy_fail(c, s, "is no .npy array: it has %lld bytes", (long long)s->bound);
  ML_TRY(ml_npy_exactly(c, s, start, 10));
  if (memcmp(start, "\x93NUMPY", 6) != 0)
    return ml_npy_fail(c, s, "is no .npy array: it begins with %02x %02x %02x %02x, expected 93 4e 55 4d", start[0], start[1], start[2], start[3]);
  if (start[6] < 1 || start[6] > 3 || start[7] != 0)
    return ml_npy_fail(c, s, "is a .npy array of version %d.%d; 1.0, 2.0 and 3.0 are known", start[6], start[7]);
  *length = (size_t)(start[8] | start[9] << 8);
  if (start[6] > 1) {
    ML_TRY(ml_npy_exactly(c, s, start + 10, 2));
    *length |= (size_t)start[10] << 16 | (size_t)start[11] << 24;
  }
  if (*length >= LONGEST)
    return ml_npy_fail(c, s, "is damaged: its header announces %zu bytes of text; records of many fields are not read", *length);
  return ml_npy_exactly(c, s, text, *length);
}

ml_status ml_npy_header_read(ml_context *c, ml_npy_source *s, ml_npy_header *out) {
  char text[LONGEST];
  size_t length = 0;
  *out = (ml_npy_header){.kind = 0};
  ML_TRY(read_text(c, s, text, &length));
  dict d = {.at = text, .end = text + length};
  const char *wrong = read_dict(&d);
  if (strcmp(wrong, "records") == 0)
    return ml_npy_fail(c, s, "holds records; save each field as an array of its own: np.savez(path, **{n: x[n] for n in x.dtype.names})");
  if (wrong[0]) return ml_npy_fail(c, s, "is damaged: its header %s" WAY_OUT, wrong);
  out->shape = d.shape;
  out->fortran = d.fortran;
  ML_TRY(set_type(c, s, d.descr, out));
  ML_TRY(set_count(c, s, out));
  return check_against_size(c, s, out);
}

/* Writing ---------------------------------------------------------------------------------------------------------- */

size_t ml_npy_header_write(const ml_shape *shape, ml_dtype dtype, char out[ML_NPY_HEADER_SIZE]) {
  static const char *const descr[ML_DTYPES] = {"|b1", "|u1", "<i4", "<i8", "<f4", "<f8"};
  memcpy(out, "\x93NUMPY\1\0", 8);
  size_t at = 10;
  at += (size_t)snprintf(out + at, ML_NPY_HEADER_SIZE - at, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr[dtype]);
  for (int i = 0; i < shape->ndim; i++)
    at += (size_t)snprintf(out + at, ML_NPY_HEADER_SIZE - at, i == 0 ? "%lld," : " %lld,", (long long)shape->size[i]);
  if (shape->ndim > 1) at--; /* (3,) but (3, 4) */
  at += (size_t)snprintf(out + at, ML_NPY_HEADER_SIZE - at, "), }");
  while ((at + 1) % ALIGN != 0) out[at++] = ' ';
  out[at++] = '\n';
  out[8] = (char)((at - 10) & 255);
  out[9] = (char)((at - 10) >> 8);
  return at;
}
_Static_assert(ML_NPY_HEADER_SIZE >= 64 + ML_MAX_DIMS * 22 + ALIGN, "the longest header fits");
