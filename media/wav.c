/* Reading WAV files. See wav.h. */

#include "media/wav.h"

#include <string.h>

#include "tensor/alloc.h"
#include "tensor/io/file.h"
#include "tensor/io/stream.h"

#define WAY_OUT "; fetch it again"

enum {
  PCM = 1,
  FLOATS = 3,
  EXTENSIBLE = 0xfffe,
  FORMAT_BYTES = 16,   /* what each fmt chunk has */
  LONG_FORMAT = 40,    /* WAVE_FORMAT_EXTENSIBLE */
  CHANNELS = 4096,     /* the most that are believed */
  BLOCK = 1 << 16,     /* bytes that are converted at once, or one frame */
};

typedef struct wav_file {
  ml_stream *stream;
  const char *path;
  ml_wav info;
  int sample;      /* bytes of one */
  int64_t claimed; /* bytes of the data chunk; -1: to the end of the file */
} wav_file;

static uint32_t number(const unsigned char *at, int width) {
  uint32_t value = 0;
  for (int i = 0; i < width; i++) value |= (uint32_t)at[i] << 8 * i;
  return value;
}

/* The format ------------------------------------------------------------------------------------------------------- */

static ml_status refuse_format(ml_context *c, const wav_file *w, int tag, int bits) {
  static const struct {
    int tag;
    const char *name;
  } known[] = {{2, "Microsoft ADPCM"}, {6, "A-law"},      {7, "mu-law"},  {0x11, "IMA ADPCM"},
               {0x31, "GSM 6.10"},     {0x50, "MPEG"},    {0x55, "MP3"},  {0xff, "AAC"}};
  const char *name = "a format";
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (known[i].tag == tag) name = known[i].name;
  return ml_file_fail(c, w->path, "holds %s (%04x, %d bits), expected PCM of 8, 16, 24 or 32 bits or floats; convert it: "
                      "ffmpeg -i in.wav -c:a pcm_s16le out.wav", name, (unsigned)tag, bits);
}

static ml_status read_format(ml_context *c, wav_file *w, int64_t size) {
  unsigned char h[LONG_FORMAT] = {0};
  if (size < FORMAT_BYTES) return ml_file_fail(c, w->path, "is damaged: its fmt chunk has %lld bytes, expected 16 or more" WAY_OUT, (long long)size);
  ML_TRY(ml_stream_exactly(c, w->stream, h, size < LONG_FORMAT ? (size_t)size : LONG_FORMAT, "the fmt chunk"));
  int tag = (int)number(h, 2), bits = (int)number(h + 14, 2), align = (int)number(h + 12, 2);
  w->info.channels = (int)number(h + 2, 2);
  w->info.rate = number(h + 4, 4);
  if (w->info.channels < 1 || w->info.channels > CHANNELS || w->info.rate < 1)
    return ml_file_fail(c, w->path, "is damaged: its header announces %d channels of %lld samples a second" WAY_OUT, w->info.channels, (long long)w->info.rate);
  if (tag == EXTENSIBLE && size >= LONG_FORMAT && memcmp(h + 26, "\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71", 14) == 0)
    tag = (int)number(h + 24, 2); /* the beginning of the sub-format, whose rest says that it is one of these tags */
  w->sample = (bits + 7) / 8; /* 20 bits stand in 3 bytes, at their upper end */
  w->info.bits = 8 * w->sample;
  w->info.is_float = tag == FLOATS;
  bool fits = tag == PCM ? bits >= 1 && w->sample <= 4 : tag == FLOATS && (bits == 32 || bits == 64);
  if (!fits) return refuse_format(c, w, tag, bits);
  if (align != w->sample * w->info.channels)
    return ml_file_fail(c, w->path, "is damaged: %d channels of %d bits have frames of %d bytes, but its header says %d" WAY_OUT,
                        w->info.channels, bits, w->sample * w->info.channels, align);
  return ML_OK;
}

/* The chunks ------------------------------------------------------------------------------------------------------- */

static ml_status skip(ml_context *c, wav_file *w, int64_t bytes, const char *what) {
  unsigned char unused[4096];
  for (; bytes > 0; bytes -= (int64_t)sizeof unused)
    ML_TRY(ml_stream_exactly(c, w->stream, unused, bytes < (int64_t)sizeof unused ? (size_t)bytes : sizeof unused, what));
  return ML_OK;
}

static ml_status check_magic(ml_context *c, wav_file *w) {
  unsigned char h[12];
  if (ml_stream_file_size(w->stream) == 0) return ml_file_fail(c, w->path, "is empty" WAY_OUT);
  ML_TRY(ml_stream_exactly(c, w->stream, h, 12, "the header"));
  if (memcmp(h, "RF64", 4) == 0 || memcmp(h, "BW64", 4) == 0 || memcmp(h, "RIFX", 4) == 0)
    return ml_file_fail(c, w->path, "is a %.4s file, expected RIFF; convert it: ffmpeg -i in.wav -c:a pcm_s16le out.wav", (char *)h);
  if (memcmp(h, "RIFF", 4) != 0 || memcmp(h + 8, "WAVE", 4) != 0)
    return ml_file_fail(c, w->path, "is no WAV file: it begins with %02x %02x %02x %02x, expected RIFF....WAVE", h[0], h[1], h[2], h[3]);
  return ML_OK;
}

/* From behind a chunk's head: its size, held against what is left of the file. */
static ml_status check_data(ml_context *c, wav_file *w, uint32_t size) {
  bool plain = ml_stream_compression(w->stream) == ML_PLAIN;
  int64_t left = ml_stream_bound(w->stream) - ml_stream_given(w->stream), frame = (int64_t)w->sample * w->info.channels;
  bool open = size == 0xffffffff || (size == 0 && left > 0);
  w->claimed = open ? -1 : (int64_t)size;
  if (open) {
    w->info.frames = plain ? left / frame : -1;
    return ML_OK;
  }
  if (w->claimed > left)
    return ml_file_fail(c, w->path, "is cut short: its data chunk announces %lld bytes, but %s%lld follow" WAY_OUT, (long long)size,
                        plain ? "" : "at most ", (long long)left);
  if (w->claimed % frame != 0)
    return ml_file_fail(c, w->path, "is damaged: its %lld bytes of data are no whole number of frames of %lld" WAY_OUT, (long long)size, (long long)frame);
  w->info.frames = w->claimed / frame;
  return ML_OK;
}

/* Up to the first sample. */
static ml_status read_headers(ml_context *c, wav_file *w) {
  unsigned char h[8];
  bool formatted = false;
  ML_TRY(check_magic(c, w));
  for (;;) {
    size_t got;
    ML_TRY(ml_stream_read(c, w->stream, h, 8, &got));
    if (got < 8) return ml_file_fail(c, w->path, "is cut short: it has no %s chunk" WAY_OUT, formatted ? "data" : "fmt");
    uint32_t size = number(h + 4, 4);
    if (memcmp(h, "data", 4) == 0) {
      if (!formatted) return ml_file_fail(c, w->path, "is damaged: its data chunk stands before its fmt chunk" WAY_OUT);
      return check_data(c, w, size);
    }
    int64_t rest = size;
    if (memcmp(h, "fmt ", 4) == 0 && !formatted) {
      ML_TRY(read_format(c, w, size));
      formatted = true;
      rest = size < LONG_FORMAT ? 0 : (int64_t)size - LONG_FORMAT;
    }
    ML_TRY(skip(c, w, rest + size % 2, "a chunk"));
  }
}

static ml_status open_wav(ml_context *c, const char *path, wav_file *w) {
  *w = (wav_file){.path = path};
  ML_TRY(ml_stream_open(c, path, &w->stream));
  ml_status status = read_headers(c, w);
  if (status != ML_OK) ml_stream_close(w->stream);
  return status;
}

ml_status ml_wav_peek(ml_context *c, const char *path, ml_wav *out) {
  wav_file w;
  ML_TRY(open_wav(c, path, &w));
  *out = w.info;
  ml_stream_close(w.stream);
  return ML_OK;
}

/* The samples ------------------------------------------------------------------------------------------------------ */

static float to_float(const unsigned char *at, int width, bool is_float) {
  float narrow;
  double wide;
  if (is_float && width == 4) return memcpy(&narrow, at, 4), narrow;
  if (is_float) return memcpy(&wide, at, 8), (float)wide;
  if (width == 1) return (float)(*at - 128) / 128.0f;
  int32_t whole = (int32_t)(number(at, width) << (32 - 8 * width)); /* at the upper end of 32 bits */
  return (float)whole / 2147483648.0f;
}
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "floats are read as they stand");

/* n frames that begin at frame `first` into their places in x [channels, frames]. */
static void spread(const wav_file *w, const unsigned char *from, int64_t n, float *x, int64_t first, int64_t frames) {
  for (int64_t i = 0; i < n; i++)
    for (int k = 0; k < w->info.channels; k++, from += w->sample) x[k * frames + first + i] = to_float(from, w->sample, w->info.is_float);
}

/* So many frames, block by block. */
static ml_status read_frames(ml_context *c, wav_file *w, ml_tensor *x) {
  int64_t frame = (int64_t)w->sample * w->info.channels, at_once = frame > BLOCK ? 1 : BLOCK / frame, frames = w->info.frames;
  size_t bytes = (size_t)(at_once * frame);
  void *block;
  if (frames == 0) return ML_OK;
  ML_TRY(ml_alloc_checked(c, bytes, &block));
  ml_status status = ML_OK;
  for (int64_t first = 0; first < frames && status == ML_OK; first += at_once) {
    int64_t n = frames - first < at_once ? frames - first : at_once;
    status = ml_stream_exactly(c, w->stream, block, (size_t)(n * frame), "the sound");
    if (status == ML_OK) spread(w, block, n, ml_data(x), first, frames);
  }
  ml_free(block, bytes);
  return status;
}

/* Behind the sound other chunks may stand; a compressed file is read to its end, where its checksum is. */
static ml_status check_rest(ml_context *c, wav_file *w) {
  unsigned char unused[4096];
  size_t got = ml_stream_compression(w->stream) == ML_PLAIN ? 0 : sizeof unused;
  while (got == sizeof unused) ML_TRY(ml_stream_read(c, w->stream, unused, sizeof unused, &got));
  return ML_OK;
}

/* How many frames a compressed file of open size has: it is read to its end for that, and then again. */
static ml_status count_frames(ml_context *c, const char *path, wav_file *w) {
  int64_t frame = (int64_t)w->sample * w->info.channels, before = ml_stream_given(w->stream);
  ML_TRY(check_rest(c, w));
  int64_t frames = (ml_stream_given(w->stream) - before) / frame;
  ml_stream_close(w->stream);
  w->stream = NULL;
  ML_TRY(open_wav(c, path, w));
  w->info.frames = frames;
  return ML_OK;
}

static ml_status read_sound(ml_context *c, const char *path, wav_file *w, ml_tensor **out) {
  if (w->info.frames < 0) ML_TRY(count_frames(c, path, w));
  ml_shape shape = ml_make_shape(2, w->info.channels, w->info.frames);
  ML_TRY(ml_empty(c, &shape, ML_FLOAT32, out));
  ML_TRY(read_frames(c, w, *out));
  return check_rest(c, w);
}

ml_status ml_wav_read(ml_context *c, const char *path, ml_wav *info, ml_tensor **out) {
  wav_file w;
  *out = NULL;
  ML_TRY(open_wav(c, path, &w));
  ml_status status = read_sound(c, path, &w, out);
  ml_stream_close(w.stream);
  *info = w.info;
  if (status == ML_OK) return ML_OK;
  ml_release(*out);
  *out = NULL;
  return status;
}
