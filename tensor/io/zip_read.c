/* The content of a zip archive's members. See zip.h. */

#include "tensor/io/zip.h"

#include <string.h>
#include <zlib.h>

#include "tensor/alloc.h"
#include "tensor/io/library_memory.h"
#include "tensor/parallel.h"

#define WAY_OUT "; fetch it again"

enum { LOCAL_SIZE = 30, BUFFER = 1 << 16, PIECE = 1 << 20 };

struct ml_zip_reader {
  const ml_zip *zip;
  const ml_zip_member *member;
  int64_t at;    /* in the file: its next packed byte */
  int64_t left;  /* packed bytes that were not read yet */
  int64_t given; /* bytes of content */
  uint32_t crc;  /* of those */
  bool ended;    /* the deflated data is through */
  z_stream z;
  unsigned char buffer[BUFFER];
};

static ml_status damaged(ml_context *c, const ml_zip_reader *r, const char *what) {
  return ml_file_fail(c, r->zip->file.path, "'%.200s' is damaged: %s" WAY_OUT, r->member->name.text, what);
}

static ml_status out_of_memory(ml_context *c, const ml_zip_reader *r) {
  return ml_fail_as(c, ML_OUT_OF_MEMORY, "out of memory while reading %.1000s", r->zip->file.path);
}

/* The member's own header must have its name, and its bytes must end before the directory. */
static ml_status find_bytes(ml_context *c, ml_zip_reader *r) {
  const ml_zip_member *m = r->member;
  unsigned char *h = r->buffer;
  ML_TRY(ml_file_read(c, &r->zip->file, m->place, h, LOCAL_SIZE));
  size_t name = h[26] | (size_t)h[27] << 8, extra = h[28] | (size_t)h[29] << 8;
  if (memcmp(h, "PK\3\4", 4) != 0 || name != m->name.length) return damaged(c, r, "its own header is not where the directory says");
  r->at = m->place + LOCAL_SIZE + (int64_t)(name + extra);
  r->left = m->packed;
  if (r->at > r->zip->directory - m->packed) return damaged(c, r, "it does not end before the directory");
  ML_TRY(ml_file_read(c, &r->zip->file, m->place + LOCAL_SIZE, h, name));
  if (memcmp(h, m->name.text, name) != 0) return damaged(c, r, "its own header has another name than the directory");
  return ML_OK;
}

ml_status ml_zip_begin(ml_context *c, const ml_zip *z, const ml_zip_member *m, ml_zip_reader **out) {
  void *room;
  *out = NULL;
  ML_TRY(ml_alloc_checked(c, sizeof(ml_zip_reader), &room));
  ml_zip_reader *r = room;
  memset(r, 0, offsetof(ml_zip_reader, buffer));
  r->zip = z;
  r->member = m;
  r->z.zalloc = ml_zlib_alloc;
  r->z.zfree = ml_zlib_free;
  ml_status status = find_bytes(c, r);
  if (status == ML_OK && m->deflated && inflateInit2(&r->z, -15) != Z_OK) status = out_of_memory(c, r);
  if (status == ML_OK)
    *out = r;
  else
    ml_zip_end(r);
  return status;
}

void ml_zip_end(ml_zip_reader *r) {
  if (!r) return;
  if (r->member->deflated) inflateEnd(&r->z);
  ml_free(r, sizeof *r);
}

static ml_status take(ml_context *c, ml_zip_reader *r, void *to, size_t bytes) {
  ML_TRY(ml_file_read(c, &r->zip->file, r->at, to, bytes));
  r->at += (int64_t)bytes;
  r->left -= (int64_t)bytes;
  return ML_OK;
}

/* Exactly `bytes` bytes, which may be none: then the end is looked for alone. */
static ml_status inflate_some(ml_context *c, ml_zip_reader *r, void *to, size_t bytes) {
  unsigned char extra;
  bool look = bytes == 0;
  r->z.next_out = look ? &extra : to;
  r->z.avail_out = look ? 1 : (unsigned)bytes;
  while (r->z.avail_out > 0 && !r->ended) {
    if (r->z.avail_in == 0 && r->left > 0) {
      size_t count = r->left < BUFFER ? (size_t)r->left : BUFFER;
      ML_TRY(take(c, r, r->buffer, count));
      r->z.next_in = r->buffer;
      r->z.avail_in = (unsigned)count;
    }
    int code = inflate(&r->z, Z_NO_FLUSH);
    if (code == Z_MEM_ERROR) return out_of_memory(c, r);
    if (code == Z_STREAM_END)
      r->ended = true;
    else if (code == Z_BUF_ERROR && r->left == 0)
      return damaged(c, r, "its packed data ends in the middle");
    else if (code != Z_OK && code != Z_BUF_ERROR)
      return damaged(c, r, r->z.msg ? r->z.msg : "its packed data is wrong");
  }
  if (r->z.avail_out != (unsigned)look) return damaged(c, r, "it unpacks to another size than the directory says");
  return ML_OK;
}

/* All of the content was given: did it come out whole? */
static ml_status check_end(ml_context *c, ml_zip_reader *r) {
  if (r->member->deflated) ML_TRY(inflate_some(c, r, NULL, 0));
  if (r->left > 0 || r->z.avail_in > 0) return damaged(c, r, "there are bytes behind the end of its packed data");
  if (r->crc != r->member->crc) return damaged(c, r, "its content has another checksum (CRC-32) than the directory says");
  return ML_OK;
}

ml_status ml_zip_read(ml_context *c, ml_zip_reader *r, void *to, size_t bytes, size_t *got) {
  int64_t rest = r->member->size - r->given;
  *got = 0;
  if ((int64_t)bytes > rest) bytes = (size_t)rest;
  while (*got < bytes) {
    if (ml_interrupted()) return ml_fail_as(c, ML_INTERRUPTED, "interrupted while reading %.1000s", r->zip->file.path);
    size_t piece = bytes - *got < PIECE ? bytes - *got : PIECE;
    char *at = (char *)to + *got;
    if (r->member->deflated)
      ML_TRY(inflate_some(c, r, at, piece));
    else
      ML_TRY(take(c, r, at, piece));
    r->crc = (uint32_t)crc32(r->crc, (unsigned char *)at, (unsigned)piece);
    r->given += (int64_t)piece;
    *got += piece;
  }
  return r->given == r->member->size ? check_end(c, r) : ML_OK;
}
