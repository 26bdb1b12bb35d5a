/* What the types of Parquet become.
 *
 *     integers of 8 to 64 bits     integer; a UINT_64 beyond 2^63 - 1 is an error when it is read
 *     FLOAT, DOUBLE, FLOAT16       number
 *     DECIMAL                      number: the float64 nearest to it
 *     DATE, TIMESTAMP, INT96       time; a timestamp that is not adjusted to UTC is taken as if it were
 *     TIME                         time: that time on 1970-01-01
 *     BOOLEAN                      boolean
 *     STRING, ENUM, JSON, bytes    text, which must be UTF-8
 *     UUID                         text of 36 characters
 *     UNKNOWN                      number, all missing
 *
 * Left out are INTERVAL, BSON, VARIANT, GEOMETRY and GEOGRAPHY. A logical type wins over a converted type, the older way to say the same. */

#include <stdio.h>

#include "table/parquet_parts.h"

/* The fields of LogicalType. */
enum {
  STRING = 1,
  ENUM = 4,
  DECIMAL = 5,
  DATE = 6,
  TIME = 7,
  TIMESTAMP = 8,
  INTEGER = 10,
  UNKNOWN = 11,
  JSON = 12,
  BSON = 13,
  UUID = 14,
  FLOAT16 = 15,
  VARIANT = 16,
  GEOMETRY = 17,
  GEOGRAPHY = 18,
  INTERVAL = 100, /* of ours: there is only a converted type */
};

static const char *const physical_names[PARQUET_PHYSICALS] = {"BOOLEAN", "INT32",  "INT64",      "INT96",
                                                              "FLOAT",   "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"};

const char *parquet_codec_name(int codec) {
  static const char *const names[PARQUET_CODECS] = {"none", "Snappy", "gzip", "LZO", "Brotli", "LZ4", "Zstandard", "LZ4_RAW"};
  return codec < PARQUET_CODECS ? names[codec] : "an unknown codec";
}

const char *parquet_encoding_name(int encoding) {
  static const char *const names[] = {"PLAIN",       "GROUP_VAR_INT",       "PLAIN_DICTIONARY",        "RLE",
                                      "BIT_PACKED",  "DELTA_BINARY_PACKED", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY",
                                      "RLE_DICTIONARY", "BYTE_STREAM_SPLIT"};
  return encoding >= 0 && encoding <= 9 ? names[encoding] : "unknown";
}

/* The logical type that a converted type stands for. */
static void from_converted(parquet_leaf *leaf) {
  static const struct {
    uint8_t logical, unit, bits;
    bool is_signed;
  } meaning[] = {
      {STRING, 0, 0, 0},     {0, 0, 0, 0},          {0, 0, 0, 0},          {0, 0, 0, 0},        {ENUM, 0, 0, 0},
      {DECIMAL, 0, 0, 0},    {DATE, 0, 0, 0},       {TIME, 1, 0, 0},       {TIME, 2, 0, 0},     {TIMESTAMP, 1, 0, 0},
      {TIMESTAMP, 2, 0, 0},  {INTEGER, 0, 8, 0},    {INTEGER, 0, 16, 0},   {INTEGER, 0, 32, 0}, {INTEGER, 0, 64, 0},
      {INTEGER, 0, 8, true}, {INTEGER, 0, 16, true}, {INTEGER, 0, 32, true}, {INTEGER, 0, 64, true},
      {JSON, 0, 0, 0},       {BSON, 0, 0, 0},       {INTERVAL, 0, 0, 0},
  };
  if (leaf->logical != 0 || leaf->converted < 0 || leaf->converted >= (int)(sizeof meaning / sizeof *meaning)) return;
  leaf->logical = meaning[leaf->converted].logical;
  leaf->unit = meaning[leaf->converted].unit;
  leaf->bits = meaning[leaf->converted].bits;
  leaf->is_signed = meaning[leaf->converted].is_signed;
}

/* The description ----------------------------------------------------------------------------------------------------- */

static void describe(const parquet_leaf *leaf, parquet_column *column) {
  static const char *const units[] = {"?", "MILLIS", "MICROS", "NANOS"};
  static const char *const plain[] = {[STRING] = "STRING",   [ENUM] = "ENUM",         [DATE] = "DATE",
                                      [UNKNOWN] = "UNKNOWN", [JSON] = "JSON",         [BSON] = "BSON",
                                      [UUID] = "UUID",       [FLOAT16] = "FLOAT16",   [VARIANT] = "VARIANT",
                                      [GEOMETRY] = "GEOMETRY", [GEOGRAPHY] = "GEOGRAPHY"};
  char *to = column->stored;
  size_t room = sizeof column->stored;
  int used = snprintf(to, room, "%s", physical_names[leaf->physical]);
  if (leaf->physical == PARQUET_FIXED) used += snprintf(to + used, room - (size_t)used, "(%d)", leaf->width);
  to += used, room -= (size_t)used;
  switch (leaf->logical) {
  case 0: break;
  case DECIMAL: snprintf(to, room, " DECIMAL(%d, %d)", leaf->precision, leaf->scale); break;
  case TIME: snprintf(to, room, " TIME(%s)", units[leaf->unit]); break;
  case TIMESTAMP: snprintf(to, room, " TIMESTAMP(%s)", units[leaf->unit]); break;
  case INTEGER: snprintf(to, room, " %sINT_%d", leaf->is_signed ? "" : "U", leaf->bits); break;
  case INTERVAL: snprintf(to, room, " INTERVAL"); break;
  default:
    if (leaf->logical <= GEOGRAPHY && plain[leaf->logical])
      snprintf(to, room, " %s", plain[leaf->logical]);
    else
      snprintf(to, room, " unknown logical type %d", leaf->logical);
  }
}

/* The kind -------------------------------------------------------------------------------------------------------------- */

static bool set(parquet_column *column, parquet_kind kind, ml_column_type type) {
  column->kind = kind;
  column->type = type;
  return true;
}

static bool find_decimal(const parquet_leaf *leaf, parquet_column *column) {
  column->scale = leaf->scale;
  if (leaf->scale < 0 || leaf->scale > 400) return false;
  switch (leaf->physical) {
  case PARQUET_INT32: return set(column, KIND_DECIMAL32, ML_COLUMN_NUMBER);
  case PARQUET_INT64: return set(column, KIND_DECIMAL64, ML_COLUMN_NUMBER);
  case PARQUET_BYTE_ARRAY: return set(column, KIND_DECIMAL_BYTES, ML_COLUMN_NUMBER);
  case PARQUET_FIXED: return leaf->width <= PARQUET_DECIMAL_BYTES && set(column, KIND_DECIMAL_BYTES, ML_COLUMN_NUMBER);
  default: return false;
  }
}

static bool find_time(const parquet_leaf *leaf, parquet_column *column) {
  static const int64_t per_second[] = {0, 1000, 1000000, 1000000000};
  column->per_second = per_second[leaf->unit];
  if (leaf->unit == 0) return false;
  if (leaf->physical == PARQUET_INT64) return set(column, KIND_TIME64, ML_COLUMN_TIME);
  return leaf->physical == PARQUET_INT32 && leaf->logical == TIME && set(column, KIND_TIME32, ML_COLUMN_TIME);
}

static bool find_integer(const parquet_leaf *leaf, parquet_column *column) {
  if (leaf->physical == PARQUET_INT32) return set(column, leaf->is_signed ? KIND_INT32 : KIND_UINT32, ML_COLUMN_INTEGER);
  return leaf->physical == PARQUET_INT64 && set(column, leaf->is_signed ? KIND_INT64 : KIND_UINT64, ML_COLUMN_INTEGER);
}

/* Without a logical type, or where it changes nothing. */
static bool find_physical(const parquet_leaf *leaf, parquet_column *column) {
  switch (leaf->physical) {
  case PARQUET_BOOLEAN: return set(column, KIND_BOOLEAN, ML_COLUMN_BOOLEAN);
  case PARQUET_INT32: return set(column, KIND_INT32, ML_COLUMN_INTEGER);
  case PARQUET_INT64: return set(column, KIND_INT64, ML_COLUMN_INTEGER);
  case PARQUET_INT96: return set(column, KIND_INT96, ML_COLUMN_TIME);
  case PARQUET_FLOAT: return set(column, KIND_FLOAT, ML_COLUMN_NUMBER);
  case PARQUET_DOUBLE: return set(column, KIND_DOUBLE, ML_COLUMN_NUMBER);
  default: return set(column, KIND_TEXT, ML_COLUMN_TEXT);
  }
}

/* A column of nothing but missing values: of a kind that reads as many bytes as are stored. */
static bool find_unknown(parquet_column *column) {
  if (column->width == 4) return set(column, KIND_FLOAT, ML_COLUMN_NUMBER);
  return column->width == 8 && set(column, KIND_DOUBLE, ML_COLUMN_NUMBER);
}

static bool find_kind(const parquet_leaf *leaf, parquet_column *column) {
  bool bytes = leaf->physical == PARQUET_BYTE_ARRAY || leaf->physical == PARQUET_FIXED;
  switch (leaf->logical) {
  case 0: return find_physical(leaf, column);
  case STRING:
  case ENUM:
  case JSON: return bytes && find_physical(leaf, column);
  case DECIMAL: return find_decimal(leaf, column);
  case DATE: return leaf->physical == PARQUET_INT32 && set(column, KIND_DATE, ML_COLUMN_TIME);
  case TIME:
  case TIMESTAMP: return find_time(leaf, column);
  case INTEGER: return find_integer(leaf, column);
  case UNKNOWN: return find_unknown(column);
  case UUID: return leaf->physical == PARQUET_FIXED && leaf->width == 16 && set(column, KIND_UUID, ML_COLUMN_TEXT);
  case FLOAT16: return leaf->physical == PARQUET_FIXED && leaf->width == 2 && set(column, KIND_FLOAT16, ML_COLUMN_NUMBER);
  default: return false;
  }
}

void parquet_type_find(const parquet_leaf *leaf, parquet_column *column) {
  static const int32_t widths[PARQUET_PHYSICALS] = {0, 4, 8, 12, 4, 8, 0, 0};
  parquet_leaf full = *leaf;
  column->physical = (parquet_physical)leaf->physical;
  column->width = leaf->physical == PARQUET_FIXED ? leaf->width : widths[leaf->physical];
  from_converted(&full);
  describe(&full, column);
  if (leaf->physical == PARQUET_FIXED && leaf->width < 1)
    column->left_out = "its values have no bytes";
  else if (!find_kind(&full, column))
    column->left_out = "its type is not read";
}
