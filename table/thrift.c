/* Reading Thrift's compact protocol. See thrift.h; the format is doc/specs/thrift-compact-protocol.md of Apache Thrift. */

#include "table/thrift.h"

enum { MAX_DEPTH = 32 }; /* Parquet's own metadata are 8 deep */

static void fail(ml_thrift *t, const char *problem) {
  if (!t->problem) t->problem = problem;
  t->at = t->end;
}

static void cut_short(ml_thrift *t) {
  if (!t->problem) t->cut = true;
  fail(t, "ends in the middle");
}

void ml_thrift_begin(ml_thrift *t, const void *bytes, size_t count) {
  *t = (ml_thrift){.at = bytes, .end = (const uint8_t *)bytes + count, .depth = 1};
}

static int byte(ml_thrift *t) {
  if (t->at < t->end) return *t->at++;
  cut_short(t);
  return 0;
}

static uint64_t varint(ml_thrift *t) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    int b = byte(t);
    value |= (uint64_t)(b & 127) << shift;
    if (b < 128) return t->problem ? 0 : value;
  }
  fail(t, "has a number of more than 64 bits");
  return 0;
}

static int64_t zigzag(ml_thrift *t) {
  uint64_t value = varint(t);
  return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static bool open_level(ml_thrift *t) {
  if (t->depth == MAX_DEPTH) fail(t, "is nested too deeply");
  t->depth++;
  return !t->problem;
}

bool ml_thrift_next(ml_thrift *t, ml_thrift_field *f) {
  int head = byte(t);
  if (t->problem) return false;
  if (head == 0) {
    t->depth--;
    return false;
  }
  f->type = head & 15;
  int64_t id = head >> 4 ? f->id + (head >> 4) : zigzag(t);
  if (id < 1 || id > INT16_MAX || f->type == 0 || f->type > ML_THRIFT_UUID) fail(t, "has a wrong field");
  f->id = (int)id;
  return !t->problem;
}

static bool expect(ml_thrift *t, const ml_thrift_field *f, ml_thrift_type type) {
  if (f->type != (int)type) fail(t, "has a field of the wrong type");
  return !t->problem;
}

/* Values ----------------------------------------------------------------------------------------------------------- */

bool ml_thrift_bool(ml_thrift *t, const ml_thrift_field *f) {
  if (f->type != ML_THRIFT_TRUE && f->type != ML_THRIFT_FALSE) fail(t, "has a field of the wrong type");
  return f->type == ML_THRIFT_TRUE;
}

int64_t ml_thrift_integer(ml_thrift *t, const ml_thrift_field *f) {
  if (f->type == ML_THRIFT_BYTE) return (int8_t)byte(t);
  if (f->type >= ML_THRIFT_I16 && f->type <= ML_THRIFT_I64) return zigzag(t);
  fail(t, "has a field of the wrong type");
  return 0;
}

int32_t ml_thrift_int32(ml_thrift *t, const ml_thrift_field *f) {
  int64_t value = ml_thrift_integer(t, f);
  if (value < INT32_MIN || value > INT32_MAX) fail(t, "has a number of more than 32 bits");
  return t->problem ? 0 : (int32_t)value;
}

static ml_thrift_bytes take(ml_thrift *t, uint64_t count) {
  if (count > (uint64_t)(t->end - t->at)) cut_short(t);
  if (t->problem) return (ml_thrift_bytes){0};
  t->at += count;
  return (ml_thrift_bytes){t->at - count, count};
}

ml_thrift_bytes ml_thrift_binary(ml_thrift *t, const ml_thrift_field *f) {
  if (!expect(t, f, ML_THRIFT_BINARY)) return (ml_thrift_bytes){0};
  return take(t, varint(t));
}

bool ml_thrift_enter(ml_thrift *t, const ml_thrift_field *f) {
  return expect(t, f, ML_THRIFT_STRUCT) && open_level(t);
}

bool ml_thrift_element(ml_thrift *t) { return !t->problem && open_level(t); }

/* The header of a list: the type of its elements and their number, each of which takes a byte or more. */
static int64_t list_head(ml_thrift *t, int *element) {
  int head = byte(t);
  *element = head & 15;
  uint64_t count = head >> 4 == 15 ? varint(t) : (uint64_t)(head >> 4);
  if (count > (uint64_t)(t->end - t->at)) cut_short(t);
  return t->problem ? 0 : (int64_t)count;
}

int64_t ml_thrift_list(ml_thrift *t, const ml_thrift_field *f, ml_thrift_type element) {
  int found;
  if (!expect(t, f, ML_THRIFT_LIST)) return 0;
  int64_t count = list_head(t, &found);
  if (count > 0 && found != (int)element) fail(t, "has a list of the wrong type");
  return t->problem ? 0 : count;
}

/* Skipping --------------------------------------------------------------------------------------------------------- */

static void skip_value(ml_thrift *t, int type);

static void skip_list(ml_thrift *t) {
  int element;
  int64_t count = list_head(t, &element);
  bool flags = element == ML_THRIFT_TRUE || element == ML_THRIFT_FALSE; /* in a list they are a byte each */
  if (!open_level(t)) return;
  for (int64_t i = 0; i < count && !t->problem; i++) skip_value(t, flags ? ML_THRIFT_BYTE : element);
  t->depth--;
}

static void skip_map(ml_thrift *t) {
  uint64_t count = varint(t);
  if (count == 0) return;
  int types = byte(t);
  if (count > (uint64_t)(t->end - t->at)) cut_short(t);
  if (!open_level(t)) return;
  for (uint64_t i = 0; i < count && !t->problem; i++) {
    skip_value(t, types >> 4);
    skip_value(t, types & 15);
  }
  t->depth--;
}

static void skip_value(ml_thrift *t, int type) {
  switch (type) {
  case ML_THRIFT_TRUE:
  case ML_THRIFT_FALSE: break; /* the value is the type */
  case ML_THRIFT_BYTE: byte(t); break;
  case ML_THRIFT_I16:
  case ML_THRIFT_I32:
  case ML_THRIFT_I64: varint(t); break;
  case ML_THRIFT_DOUBLE: take(t, 8); break;
  case ML_THRIFT_UUID: take(t, 16); break;
  case ML_THRIFT_BINARY: take(t, varint(t)); break;
  case ML_THRIFT_LIST:
  case ML_THRIFT_SET: skip_list(t); break;
  case ML_THRIFT_MAP: skip_map(t); break;
  case ML_THRIFT_STRUCT:
    if (!open_level(t)) return;
    for (ml_thrift_field f = {0}; ml_thrift_next(t, &f);) skip_value(t, f.type);
    break;
  default: fail(t, "has a value of an unknown type");
  }
}

void ml_thrift_skip(ml_thrift *t, const ml_thrift_field *f) { skip_value(t, f->type); }
