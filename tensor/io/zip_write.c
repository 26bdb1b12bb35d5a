/* Writing zip archives of stored members. See zip.h. Dates are fixed, so that the same content gives the same bytes. */

#include "tensor/io/zip.h"

#include <string.h>
#include <zlib.h>

#include "tensor/alloc.h"

enum {
  HEADER = 128, /* more than any record without its name */
  DATE = 1 << 5 | 1, /* 1980-01-01, the first one that there is */
  UTF8_NAMES = 1 << 11,
  LONGEST_NAME = 65535,
};
#define WIDE 0xffffffffu /* in a field of 32 bits: look into the zip64 extra field */

typedef struct record {
  unsigned char data[HEADER];
  size_t count;
} record;

static void put(record *r, uint64_t value, int width) {
  for (int i = 0; i < width; i++) r->data[r->count++] = (unsigned char)(value >> 8 * i);
}

static ml_status write_bytes(ml_context *c, ml_zip_writer *w, const void *data, size_t bytes) {
  w->at += bytes;
  return ml_sink_write(c, w->sink, data, bytes);
}

/* What a member's own header and its entry in the directory have in common. */
static void put_common(record *r, const ml_zip_written *m, bool size64, size_t extra) {
  put(r, extra > 0 ? 45 : 20, 2); /* the version that is needed to unpack it: 4.5 has zip64 */
  put(r, UTF8_NAMES, 2);
  put(r, 0, 2); /* stored */
  put(r, 0, 2); /* midnight */
  put(r, DATE, 2);
  put(r, m->crc, 4);
  put(r, size64 ? WIDE : m->size, 4); /* packed */
  put(r, size64 ? WIDE : m->size, 4);
  put(r, m->name_length, 2);
  put(r, extra, 2);
}

/* The extra field with the numbers that are too large for 32 bits; nothing if none is. */
static size_t extra_size(bool size64, bool place64) {
  return (size64 || place64 ? 4 : 0) + (size64 ? 16 : 0) + (place64 ? 8 : 0);
}

static void put_extra(record *r, const ml_zip_written *m, bool size64, bool place64) {
  if (!size64 && !place64) return;
  put(r, 1, 2);
  put(r, extra_size(size64, place64) - 4, 2);
  if (size64) put(r, m->size, 8), put(r, m->size, 8);
  if (place64) put(r, m->place, 8);
}

static ml_status remember(ml_context *c, ml_zip_writer *w, ml_text name, ml_zip_written **out) {
  size_t used = (size_t)w->count * sizeof(ml_zip_written);
  void *room = w->member;
  if (w->room - used < sizeof(ml_zip_written)) ML_TRY(ml_alloc_grow(c, &room, &w->room, used, sizeof(ml_zip_written)));
  w->member = room;
  ML_TRY(ml_alloc_checked(c, name.length, &room));
  memcpy(room, name.text, name.length);
  *out = &w->member[w->count++];
  **out = (ml_zip_written){.name = room, .name_length = name.length, .place = w->at};
  return ML_OK;
}

ml_status ml_zip_add(ml_context *c, ml_zip_writer *w, ml_text name, const ml_zip_part *part, int parts) {
  ml_zip_written *m;
  if (name.length > LONGEST_NAME) return ml_fail(c, "save: a name of %zu bytes is too long for a zip archive", name.length);
  ML_TRY(remember(c, w, name, &m));
  uLong crc = 0;
  for (int i = 0; i < parts; i++) {
    if (part[i].bytes > 0) crc = crc32_z(crc, part[i].data, part[i].bytes);
    m->size += part[i].bytes;
  }
  m->crc = (uint32_t)crc;
  bool size64 = w->always_64 || m->size >= WIDE;
  record r = {.count = 0};
  put(&r, 0x04034b50, 4);
  put_common(&r, m, size64, extra_size(size64, false));
  ML_TRY(write_bytes(c, w, r.data, r.count));
  ML_TRY(write_bytes(c, w, m->name, m->name_length));
  r.count = 0;
  put_extra(&r, m, size64, false);
  ML_TRY(write_bytes(c, w, r.data, r.count));
  for (int i = 0; i < parts; i++) ML_TRY(write_bytes(c, w, part[i].data, part[i].bytes));
  return ML_OK;
}

static ml_status write_entry(ml_context *c, ml_zip_writer *w, const ml_zip_written *m) {
  bool size64 = w->always_64 || m->size >= WIDE, place64 = w->always_64 || m->place >= WIDE;
  record r = {.count = 0};
  put(&r, 0x02014b50, 4);
  put(&r, 45, 2); /* made by */
  put_common(&r, m, size64, extra_size(size64, place64));
  put(&r, 0, 2); /* comment */
  put(&r, 0, 2); /* disk */
  put(&r, 0, 2);
  put(&r, 0, 4);
  put(&r, place64 ? WIDE : m->place, 4);
  ML_TRY(write_bytes(c, w, r.data, r.count));
  ML_TRY(write_bytes(c, w, m->name, m->name_length));
  r.count = 0;
  put_extra(&r, m, size64, place64);
  return write_bytes(c, w, r.data, r.count);
}

ml_status ml_zip_finish(ml_context *c, ml_zip_writer *w) {
  uint64_t begin = w->at;
  for (int64_t i = 0; i < w->count; i++) ML_TRY(write_entry(c, w, &w->member[i]));
  uint64_t end = w->at, size = end - begin, count = (uint64_t)w->count;
  bool wide = w->always_64 || begin >= WIDE || size >= WIDE || count >= 0xffff;
  record r = {.count = 0};
  if (wide) {
    put(&r, 0x06064b50, 4);
    put(&r, 44, 8);
    put(&r, 45, 2);
    put(&r, 45, 2);
    put(&r, 0, 8); /* disks */
    put(&r, count, 8);
    put(&r, count, 8);
    put(&r, size, 8);
    put(&r, begin, 8);
    put(&r, 0x07064b50, 4);
    put(&r, 0, 4);
    put(&r, end, 8);
    put(&r, 1, 4);
  }
  put(&r, 0x06054b50, 4);
  put(&r, 0, 4);
  put(&r, wide ? 0xffff : count, 2);
  put(&r, wide ? 0xffff : count, 2);
  put(&r, wide ? WIDE : size, 4);
  put(&r, wide ? WIDE : begin, 4);
  put(&r, 0, 2);
  return write_bytes(c, w, r.data, r.count);
}

void ml_zip_writer_free(ml_zip_writer *w) {
  for (int64_t i = 0; i < w->count; i++) ml_free(w->member[i].name, w->member[i].name_length);
  ml_free(w->member, w->room);
  *w = (ml_zip_writer){0};
}
