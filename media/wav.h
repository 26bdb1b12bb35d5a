/* WAV files (RIFF/WAVE): samples of 8 (without sign), 16, 24 or 32 bits or floats of 32 or 64 bits, any number of channels.
 * Sounds are float32 [channels, frames], full scale is -1..1. A compressed file (.wav.gz) is read as well.
 *
 * What is forgiven, since programs write it: a wrong size of the whole (the chunks' own count), chunks that are not known,
 * a missing byte of padding behind the last one, and a data chunk whose size is 0 or 0xffffffff, as a program writes that
 * does not know yet how long the sound gets: then it ends with the file, less what is no whole frame. Any other size that
 * does not fit is an error. */
#ifndef ML_WAV_H
#define ML_WAV_H

#include "tensor/tensor.h"

typedef struct ml_wav {
  int64_t frames; /* -1 in peeking into a compressed file whose data chunk does not know its size */
  int channels;
  int64_t rate; /* frames a second */
  int bits;     /* of a sample on file */
  bool is_float;
} ml_wav;

/* From the headers alone. */
ML_CHECKED ml_status ml_wav_peek(ml_context *c, const char *path, ml_wav *out);
ML_CHECKED ml_status ml_wav_read(ml_context *c, const char *path, ml_wav *info, ml_tensor **out);

/* x: float32 or float64 [channels, frames] or [frames]; bits 8, 16, 24 or 32, is_float: 32. What lies beyond -1..1 is
 * clipped to it, unless floats are written; a NaN is an error. */
ML_CHECKED ml_status ml_wav_write(ml_context *c, const char *path, const ml_tensor *x, int64_t rate, int bits, bool is_float);

#endif
