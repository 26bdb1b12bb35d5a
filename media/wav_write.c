/* Writing WAV files. See wav.h. */

#include "media/wav.h"

#include <math.h>
#include <string.h>

#include "tensor/io/file.h"

enum { HEADER = 44, BLOCK = 4096 };

typedef struct sound {
  const float *x; /* [channels, frames] */
  int64_t channels, frames, rate;
  int sample; /* bytes of one */
  bool is_float;
} sound;

static unsigned char *put(unsigned char *to, uint64_t value, int width) {
  for (int i = 0; i < width; i++) *to++ = (unsigned char)(value >> 8 * i);
  return to;
}

static ml_status write_header(ml_context *c, ml_sink *sink, const sound *s, uint64_t bytes) {
  unsigned char h[HEADER], *at = h;
  uint64_t frame = (uint64_t)(s->channels * s->sample);
  memcpy(at, "RIFF", 4);
  at = put(at + 4, HEADER - 8 + bytes + bytes % 2, 4);
  memcpy(at, "WAVEfmt ", 8);
  at = put(at + 8, 16, 4);
  at = put(at, s->is_float ? 3 : 1, 2);
  at = put(at, (uint64_t)s->channels, 2);
  at = put(at, (uint64_t)s->rate, 4);
  at = put(at, (uint64_t)s->rate * frame, 4);
  at = put(at, frame, 2);
  at = put(at, 8 * (uint64_t)s->sample, 2);
  memcpy(at, "data", 4);
  put(at + 4, bytes, 4);
  return ml_sink_write(c, sink, h, HEADER);
}

/* Round to nearest, ties to even; full scale is 2^(bits - 1), and 1 the largest number below it. */
static uint64_t to_integer(float x, int width) {
  double scale = (double)(INT64_C(1) << (8 * width - 1)), value = nearbyint((double)x * scale);
  value = value < -scale ? -scale : value > scale - 1 ? scale - 1 : value;
  int64_t whole = (int64_t)value;
  return (uint64_t)(width == 1 ? whole + 128 : whole);
}

static ml_status write_sound(ml_context *c, ml_sink *sink, void *arg) {
  const sound *s = arg;
  unsigned char block[BLOCK], *at = block;
  uint64_t bytes = (uint64_t)(s->frames * s->channels * s->sample);
  ML_TRY(write_header(c, sink, s, bytes));
  for (int64_t i = 0; i < s->frames; i++) {
    for (int64_t k = 0; k < s->channels; k++) {
      float x = s->x[k * s->frames + i];
      uint32_t word;
      memcpy(&word, &x, 4);
      at = put(at, s->is_float ? word : to_integer(x, s->sample), s->sample);
      if (at - block < BLOCK - 8) continue;
      ML_TRY(ml_sink_write(c, sink, block, (size_t)(at - block)));
      at = block;
    }
  }
  if (bytes % 2) *at++ = 0;
  return ml_sink_write(c, sink, block, (size_t)(at - block));
}

static ml_status check(ml_context *c, const char *path, const sound *s) {
  for (int64_t k = 0; k < s->channels; k++)
    for (int64_t i = 0; i < s->frames; i++)
      if (isnan(s->x[k * s->frames + i]))
        return ml_fail(c, "write_sound: frame %lld of channel %lld is NaN, which %s can't hold as a sound", (long long)i + 1, (long long)k + 1, path);
  int64_t bytes;
  if (__builtin_mul_overflow(s->frames, s->channels * s->sample, &bytes) || bytes > INT64_C(0xffffffff) - HEADER)
    return ml_fail(c, "write_sound: %lld frames of %lld channels are more than the 4 GiB that a WAV file can hold", (long long)s->frames, (long long)s->channels);
  return ML_OK;
}

ml_status ml_wav_write(ml_context *c, const char *path, const ml_tensor *x, int64_t rate, int bits, bool is_float) {
  bool line = x->shape.ndim == 1;
  if (!x->storage || !ml_dtype_is_float((ml_dtype)x->dtype) || x->shape.ndim < 1 || x->shape.ndim > 2)
    return ml_fail(c, "write_sound: a sound is a float tensor [channels, frames], got %s %s", ml_dtype_name((ml_dtype)x->dtype), ML_SHAPE(&x->shape));
  sound s = {.channels = line ? 1 : x->shape.size[0], .frames = x->shape.size[line ? 0 : 1], .rate = rate, .sample = bits / 8, .is_float = is_float};
  if (s.channels < 1 || s.channels > 4096) return ml_fail(c, "write_sound: %lld channels; a sound is [channels, frames], with 1 to 4096 channels", (long long)s.channels);
  if (rate < 1 || rate > INT32_MAX) return ml_fail(c, "write_sound: the rate is the frames a second, 1 to 2147483647, got %lld", (long long)rate);
  ml_tensor *narrow = NULL, *plain = NULL;
  ML_TRY(ml_convert(c, x, ML_FLOAT32, &narrow));
  ml_status status = ml_contiguous_unrecorded(c, narrow, &plain);
  ml_release(narrow);
  ML_TRY(status);
  s.x = ml_count(plain) > 0 ? ml_f32(plain) : NULL;
  status = check(c, path, &s);
  if (status == ML_OK) status = ml_file_write_atomic(c, path, write_sound, &s);
  ml_release(plain);
  return status;
}
