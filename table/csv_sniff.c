/* How a file is written, by its first rows. */

#include <string.h>

#include "table/csv_cell.h"
#include "tensor/io/file.h"

enum { SAMPLE_BYTES = 256 << 10, SAMPLE_ROWS = 200, MOST_FIELDS = 256 };

/* Where the rows of the sample stand. */
typedef struct sample {
  const char *text, *end;
} sample;

/* What a separator makes of the sample. */
typedef struct candidate {
  csv_dialect dialect;
  int64_t fields; /* of most rows */
  double share;   /* of the rows that have so many */
} candidate;

static sample sample_of(const ml_csv *r) {
  const csv_buffer *b = &r->buffer;
  uint32_t size = b->end - b->begin;
  return (sample){b->room + b->begin, b->room + b->begin + (size < SAMPLE_BYTES ? size : SAMPLE_BYTES)};
}

/* Newlines: \n if there is any, else \r. */
static char newline_of(const sample *s) {
  size_t n = (size_t)(s->end - s->text);
  return !memchr(s->text, '\n', n) && memchr(s->text, '\r', n) ? '\r' : '\n';
}

/* The fields of each row; how many rows. */
static int count_fields(const csv_dialect *d, const sample *s, int64_t fields[SAMPLE_ROWS]) {
  const char *p = s->text;
  int rows = 0;
  while (rows < SAMPLE_ROWS && p && p < s->end) {
    csv_ends ends = {.to = NULL};
    const char *line = p;
    p = csv_exact_row(d, p, s->end, &ends);
    if (p && !csv_all_blank(line, 0, (uint32_t)(p - 1 - line))) fields[rows++] = ends.count;
  }
  return rows;
}

static void try_separator(const ml_csv *r, const sample *s, char separator, candidate *out) {
  int64_t fields[SAMPLE_ROWS];
  int most = 0;
  *out = (candidate){.dialect = r->dialect};
  out->dialect.separator = separator;
  out->dialect.blanks = separator == ML_CSV_BLANKS;
  int rows = count_fields(&out->dialect, s, fields);
  for (int i = 0; i < rows; i++) {
    int same = 0;
    for (int k = 0; k < rows; k++) same += fields[k] == fields[i];
    if (same > most || (same == most && fields[i] > out->fields)) most = same, out->fields = fields[i];
  }
  out->share = rows > 0 ? (double)most / rows : 0;
}

int64_t csv_usual_fields(const ml_csv *r) {
  sample s = sample_of(r);
  candidate k;
  try_separator(r, &s, r->dialect.separator, &k);
  return k.fields;
}

/* The share of fields with a comma that are no numbers with a decimal comma: with ';' between fields they should be. */
static double stray_commas(const candidate *k, const sample *s) {
  uint32_t ends[MOST_FIELDS];
  int all = 0, stray = 0;
  const char *p = s->text;
  for (int row = 0; row < SAMPLE_ROWS && p && p < s->end; row++) {
    csv_ends out = {.text = p, .to = ends, .room = MOST_FIELDS};
    const char *from = p;
    p = csv_exact_row(&k->dialect, p, s->end, &out);
    for (int64_t i = 0; p && i < out.count && i < MOST_FIELDS; i++) {
      const char *begin = i == 0 ? from : out.text + ends[i - 1] + 1, *end = out.text + ends[i];
      double number;
      all++;
      bool comma = memchr(begin, ',', (size_t)(end - begin)) != NULL && *begin != k->dialect.quote;
      stray += row > 0 && comma && !ml_number_parse(begin, end, ',', &number);
    }
  }
  return all > 0 ? (double)stray / all : 0;
}

/* The best of those that are given more than one field in nearly all rows, in order of preference. */
static char best_separator(const ml_csv *r, const sample *s) {
  static const char order[] = {'\t', ';', '|', ',', ML_CSV_BLANKS};
  candidate best = {.share = 0}, k;
  for (size_t i = 0; i < sizeof order; i++) {
    if (order[i] == ML_CSV_BLANKS && best.share > 0.7) break;
    try_separator(r, s, order[i], &k);
    double needed = order[i] == ML_CSV_BLANKS ? 0.95 : 0.5;
    if (k.fields < 2 || k.share < needed) continue;
    if (order[i] == ';' && stray_commas(&k, s) > 0.05) k.share *= 0.8;
    if (k.share > best.share + 0.02) best = k;
  }
  return best.share > 0 ? best.dialect.separator : ',';
}

/* With ';' between fields: ',' if numbers are written so, and none with a point. */
static char decimal_of(const ml_csv *r, const sample *s) {
  uint32_t ends[MOST_FIELDS];
  int commas = 0, points = 0;
  const char *p = s->text;
  if (r->dialect.separator != ';') return '.';
  for (int row = 0; row < SAMPLE_ROWS && p && p < s->end; row++) {
    csv_ends out = {.text = p, .to = ends, .room = MOST_FIELDS};
    const char *from = p;
    p = csv_exact_row(&r->dialect, p, s->end, &out);
    for (int64_t i = 0; p && i < out.count && i < MOST_FIELDS; i++) {
      const char *begin = i == 0 ? from : out.text + ends[i - 1] + 1, *end = out.text + ends[i];
      double number;
      size_t n = (size_t)(end - begin);
      commas += memchr(begin, ',', n) && ml_number_parse(begin, end, ',', &number);
      points += memchr(begin, '.', n) && ml_number_parse(begin, end, '.', &number);
    }
  }
  return commas > 0 && points == 0 ? ',' : '.';
}

/* Marks at the beginning that tell the encoding. */
static ml_status take_byte_order_mark(ml_context *c, ml_csv *r) {
  const csv_buffer *b = &r->buffer;
  const unsigned char *p = (const unsigned char *)b->room + b->begin;
  uint32_t size = b->end - b->begin;
  if (size >= 2 && ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff)))
    return ml_file_fail(c, r->path, "is written in UTF-16; convert it: iconv -f UTF-16 -t UTF-8");
  if (size >= 3 && p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf) csv_consume(r, b->begin + 3, 0);
  /* in Latin-1 the mark has become three characters of two bytes */
  if (r->latin_1 && size >= 6 && memcmp(p, "\xc3\xaf\xc2\xbb\xc2\xbf", 6) == 0) csv_consume(r, b->begin + 6, 0);
  return ML_OK;
}

static ml_status skip_lines(ml_context *c, ml_csv *r, int64_t lines) {
  csv_buffer *b = &r->buffer;
  while (lines > 0) {
    const char *p = b->room + b->begin, *newline = memchr(p, r->dialect.newline, b->end - b->begin);
    if (newline) {
      csv_consume(r, (uint32_t)(newline + 1 - b->room), 1);
      lines--;
    } else if (b->ended) {
      return ml_file_fail(c, r->path, "has fewer lines than the ones to be skipped");
    } else {
      ML_TRY(csv_fill(c, r));
    }
  }
  return ML_OK;
}

ml_status csv_sniff(ml_context *c, ml_csv *r, const ml_csv_options *o) {
  ML_TRY(take_byte_order_mark(c, r));
  sample s = sample_of(r);
  r->dialect.newline = newline_of(&s);
  csv_end_text(r);
  ML_TRY(skip_lines(c, r, o->skip));
  s = sample_of(r);
  if (o->separator == 0) r->dialect.separator = best_separator(r, &s);
  r->dialect.blanks = r->dialect.separator == ML_CSV_BLANKS;
  r->dialect.trim = r->dialect.trim || r->dialect.blanks;
  s = sample_of(r);
  r->dialect.decimal = o->decimal ? (char)o->decimal : decimal_of(r, &s);
  r->exact = r->dialect.blanks || r->dialect.comment;
  return ML_OK;
}
