/* The central directory of a zip archive: what is in it and where. See zip.h. Layout: APPNOTE.TXT 6.3, sections 4.3.12 to
 * 4.3.16 and 4.5.3. */

#include "tensor/io/zip.h"

#include <stdlib.h>
#include <string.h>

#include "tensor/alloc.h"
#include "tensor/io/utf8.h"

#define WAY_OUT "; fetch it again"

enum {
  END_SIZE = 22,       /* of the end record without its comment */
  LONGEST_COMMENT = 65535,
  LOCATOR_SIZE = 20,   /* zip64: where the zip64 end record is */
  END64_SIZE = 56,     /* of that */
  ENTRY_SIZE = 46,     /* of a directory entry without name, extra fields and comment */
  LOCAL_SIZE = 30,     /* of a member's own header, likewise */
  DEFLATE_RATIO = 1032,
  MEMBERS_BYTES = 256 << 20, /* the largest directory that is read */
};

static uint64_t number(const unsigned char *at, int width) {
  uint64_t value = 0;
  for (int i = 0; i < width; i++) value |= (uint64_t)at[i] << 8 * i;
  return value;
}

static ml_status damaged(ml_context *c, const ml_zip *z, const char *what) {
  return ml_file_fail(c, z->file.path, "is a damaged zip archive: %s" WAY_OUT, what);
}

/* The end records --------------------------------------------------------------------------------------------------- */

typedef struct end_record {
  int64_t place; /* where the directory must end */
  uint64_t count, size, offset;
} end_record;

/* Looks for the end record backwards: its comment must fill the rest of the file. */
static ml_status find_end(ml_context *c, ml_zip *z, unsigned char *tail, int64_t length, end_record *end) {
  int64_t start = z->file.size - length;
  ML_TRY(ml_file_read(c, &z->file, start, tail, (size_t)length));
  for (int64_t i = length - END_SIZE; i >= 0; i--) {
    const unsigned char *at = tail + i;
    if (memcmp(at, "PK\5\6", 4) != 0 || (int64_t)number(at + 20, 2) != length - i - END_SIZE) continue;
    if (number(at + 4, 2) != 0 || number(at + 6, 2) != 0 || number(at + 8, 2) != number(at + 10, 2))
      return damaged(c, z, "it is one part of several");
    *end = (end_record){start + i, number(at + 10, 2), number(at + 12, 4), number(at + 16, 4)};
    return ML_OK;
  }
  return ml_file_fail(c, z->file.path, "is no whole zip archive: it has no end record" WAY_OUT);
}

/* Numbers that do not fit into the end record stand in another one before it. */
static ml_status read_end64(ml_context *c, ml_zip *z, end_record *end) {
  unsigned char locator[LOCATOR_SIZE], at[END64_SIZE];
  if (end->place < LOCATOR_SIZE + END64_SIZE) return ML_OK;
  ML_TRY(ml_file_read(c, &z->file, end->place - LOCATOR_SIZE, locator, sizeof locator));
  if (memcmp(locator, "PK\6\7", 4) != 0) return ML_OK;
  uint64_t place = number(locator + 8, 8);
  if (place != (uint64_t)(end->place - LOCATOR_SIZE - END64_SIZE)) return damaged(c, z, "its zip64 end record is not where it must be");
  ML_TRY(ml_file_read(c, &z->file, (int64_t)place, at, sizeof at));
  if (memcmp(at, "PK\6\6", 4) != 0 || number(at + 4, 8) != END64_SIZE - 12) return damaged(c, z, "its zip64 end record is wrong");
  *end = (end_record){(int64_t)place, number(at + 32, 8), number(at + 40, 8), number(at + 48, 8)};
  return ML_OK;
}

/* The place, size and number of entries, held against the file. */
static ml_status locate(ml_context *c, ml_zip *z, end_record *end) {
  int64_t length = z->file.size < END_SIZE + LONGEST_COMMENT ? z->file.size : END_SIZE + LONGEST_COMMENT;
  void *tail;
  if (z->file.size < END_SIZE) return ml_file_fail(c, z->file.path, "is no zip archive: it has %lld bytes", (long long)z->file.size);
  ML_TRY(ml_alloc_checked(c, (size_t)length, &tail));
  ml_status status = find_end(c, z, tail, length, end);
  ml_free(tail, (size_t)length);
  if (status == ML_OK) status = read_end64(c, z, end);
  ML_TRY(status);
  uint64_t place = (uint64_t)end->place;
  if (end->offset > place || end->size != place - end->offset) return damaged(c, z, "its directory is not where its end record says");
  if (end->size > MEMBERS_BYTES || end->count > end->size / ENTRY_SIZE) return damaged(c, z, "its directory has no room for its entries");
  return ML_OK;
}

/* The entries ------------------------------------------------------------------------------------------------------- */

/* Sizes of 32 bits that are all ones stand in the zip64 extra field, in this order. */
static bool read_extra(const unsigned char *at, int64_t length, uint64_t *wide[3]) {
  while (length >= 4) {
    int64_t size = (int64_t)number(at + 2, 2);
    if (size > length - 4) return false;
    if (number(at, 2) == 1) {
      const unsigned char *value = at + 4;
      int64_t rest = size;
      for (int i = 0; i < 3; i++) {
        if (*wide[i] != 0xffffffff) continue;
        if (rest < 8) return false;
        *wide[i] = number(value, 8);
        value += 8, rest -= 8;
      }
      return true;
    }
    at += 4 + size, length -= 4 + size;
  }
  return length == 0;
}

static ml_status refuse(ml_context *c, const ml_zip *z, const ml_zip_member *m, const char *what) {
  return ml_file_fail(c, z->file.path, "'%.200s' %s", m->name.text, what);
}

static ml_status check_member(ml_context *c, const ml_zip *z, const unsigned char *at, const ml_zip_member *m) {
  if (m->name.length == 0 || strlen(m->name.text) != m->name.length || ml_utf8_valid(m->name.text, m->name.length) != m->name.length)
    return damaged(c, z, "a name in it is empty or no valid UTF-8");
  if (number(at + 8, 2) & 1) return refuse(c, z, m, "is encrypted; unpack the archive with its password first");
  int method = (int)number(at + 10, 2);
  if (method != 0 && method != 8)
    return ml_file_fail(c, z->file.path, "'%.200s' is packed by method %d; stored (0) and deflated (8) are read", m->name.text, method);
  if (m->place < 0 || m->packed < 0 || m->size < 0 || m->packed > z->directory || m->place > z->directory - LOCAL_SIZE - m->packed)
    return refuse(c, z, m, "does not lie within the archive, which is cut short or damaged" WAY_OUT);
  if (!m->deflated && m->packed != m->size) return refuse(c, z, m, "is stored, but in another size than its own" WAY_OUT);
  if (m->deflated && m->size / DEFLATE_RATIO > m->packed) return refuse(c, z, m, "claims more than its packed bytes can hold" WAY_OUT);
  return ML_OK;
}

static ml_status read_entries(ml_context *c, ml_zip *z, const unsigned char *at, const end_record *end) {
  const unsigned char *stop = at + end->size;
  char *names = z->names;
  for (uint64_t i = 0; i < end->count; i++) {
    if (stop - at < ENTRY_SIZE || memcmp(at, "PK\1\2", 4) != 0) return damaged(c, z, "an entry of its directory is wrong");
    size_t name = number(at + 28, 2), extra = number(at + 30, 2), comment = number(at + 32, 2);
    if ((size_t)(stop - at - ENTRY_SIZE) < name + extra + comment) return damaged(c, z, "an entry of its directory is wrong");
    uint64_t packed = number(at + 20, 4), size = number(at + 24, 4), place = number(at + 42, 4);
    if (!read_extra(at + ENTRY_SIZE + name, (int64_t)extra, (uint64_t *[]){&size, &packed, &place})) return damaged(c, z, "an extra field in it is wrong");
    ml_zip_member *m = &z->member[z->count];
    *m = (ml_zip_member){{names, name}, number(at + 10, 2) == 8, (uint32_t)number(at + 16, 4), (int64_t)place, (int64_t)packed, (int64_t)size};
    memcpy(names, at + ENTRY_SIZE, name);
    names[name] = '\0';
    names += name + 1;
    ML_TRY(check_member(c, z, at, m));
    z->count++;
    at += ENTRY_SIZE + name + extra + comment;
  }
  return at == stop ? ML_OK : damaged(c, z, "its directory is longer than its entries");
}

/* Overlaps and doubles ----------------------------------------------------------------------------------------------- */

static int by_place(const void *a, const void *b) {
  int64_t x = (*(const ml_zip_member *const *)a)->place, y = (*(const ml_zip_member *const *)b)->place;
  return (x > y) - (x < y);
}

static int by_name(const void *a, const void *b) {
  return strcmp((*(const ml_zip_member *const *)a)->name.text, (*(const ml_zip_member *const *)b)->name.text);
}

/* A small file can name the same packed bytes a thousand times: members may not share any. */
static ml_status check_together(ml_context *c, const ml_zip *z) {
  size_t bytes = (size_t)z->count * sizeof(ml_zip_member *);
  void *room;
  if (z->count < 2) return ML_OK;
  ML_TRY(ml_alloc_checked(c, bytes, &room));
  const ml_zip_member **order = room;
  ml_status status = ML_OK;
  for (int64_t i = 0; i < z->count; i++) order[i] = &z->member[i];
  qsort(order, (size_t)z->count, sizeof *order, by_place);
  for (int64_t i = 1; i < z->count && status == ML_OK; i++)
    if (order[i]->place - order[i - 1]->place < LOCAL_SIZE + order[i - 1]->packed) status = refuse(c, z, order[i], "overlaps another member" WAY_OUT);
  qsort(order, (size_t)z->count, sizeof *order, by_name);
  for (int64_t i = 1; i < z->count && status == ML_OK; i++)
    if (by_name(&order[i - 1], &order[i]) == 0) status = refuse(c, z, order[i], "is there twice");
  ml_free(room, bytes);
  return status;
}

static ml_status read_directory(ml_context *c, ml_zip *z, const end_record *end) {
  void *directory, *room;
  size_t size = (size_t)end->size;
  z->directory = (int64_t)end->offset;
  if (end->count == 0) return size == 0 ? ML_OK : damaged(c, z, "its directory is longer than its entries");
  ML_TRY(ml_alloc_checked(c, size, &directory));
  ml_status status = ml_file_read(c, &z->file, z->directory, directory, size);
  if (status == ML_OK) status = ml_alloc_checked(c, size, &room); /* an entry without its name is longer than a zero byte */
  if (status == ML_OK) z->names = room, z->names_bytes = size;
  size_t bytes = (size_t)end->count * sizeof(ml_zip_member);
  if (status == ML_OK) status = ml_alloc_checked(c, bytes, &room);
  if (status == ML_OK) z->member = room, z->member_bytes = bytes;
  if (status == ML_OK) status = read_entries(c, z, directory, end);
  ml_free(directory, size);
  return status == ML_OK ? check_together(c, z) : status;
}

ml_status ml_zip_open(ml_context *c, const char *path, ml_zip *out) {
  end_record end = {0};
  *out = (ml_zip){.file.fd = -1};
  ML_TRY(ml_file_open(c, path, &out->file));
  ml_status status = locate(c, out, &end);
  if (status == ML_OK) status = read_directory(c, out, &end);
  if (status != ML_OK) ml_zip_close(out);
  return status;
}

void ml_zip_close(ml_zip *z) {
  ml_file_close(&z->file);
  ml_free(z->member, z->member_bytes);
  ml_free(z->names, z->names_bytes);
  *z = (ml_zip){.file.fd = -1};
}
