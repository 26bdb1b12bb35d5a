/* Seeing records and deciding the types of their columns. See records.h. */

#include "table/records.h"

#include <stdio.h>
#include <string.h>

#include "table/iso_time.h"
#include "tensor/alloc.h"
#include "tensor/io/file.h"

enum { PROBLEMS_KEPT = 10000 };

/* Examples ---------------------------------------------------------------------------------------------------------- */

static void keep_example(record_example *e, int64_t line, const char *text, size_t length) {
  e->line = line;
  e->length = length < RECORD_EXAMPLE ? length : RECORD_EXAMPLE;
  while (e->length > 0 && e->length < length && ((unsigned char)text[e->length] & 0xc0) == 0x80) e->length--; /* whole characters */
  if (e->length > 0) memcpy(e->text, text, e->length);
}

/* Options ----------------------------------------------------------------------------------------------------------- */

static ml_status copy_wishes(ml_context *c, records *r, const record_options *o) {
  void *room;
  size_t bytes = 0;
  for (int i = 0; i < o->wish_count; i++) bytes += o->wishes[i].length + 1;
  if (o->wish_count == 0) return ML_OK;
  ML_TRY(ml_alloc_checked(c, (size_t)o->wish_count * sizeof(record_wish), &room));
  r->wishes = room;
  r->options.wish_count = o->wish_count;
  ML_TRY(ml_alloc_checked(c, bytes, &room));
  r->wish_names = room;
  r->wish_bytes = bytes;
  char *to = room;
  for (int i = 0; i < o->wish_count; i++) {
    r->wishes[i] = o->wishes[i];
    r->wishes[i].name = memcpy(to, o->wishes[i].name, o->wishes[i].length);
    to += o->wishes[i].length;
    *to++ = '\0';
  }
  return ML_OK;
}

ml_status records_init(ml_context *c, records *r, const char *path, const record_options *o) {
  *r = (records){.path = path, .rows = -1, .options = {.choose = o->choose, .collect = o->collect}};
  return copy_wishes(c, r, o);
}

void records_free(records *r) {
  records_begin(r, false);
  for (int i = 0; i < r->count; i++) {
    record_field *f = &r->field[i];
    ml_free(f->name, f->name_length + 1);
    for (int k = 0; k < RECORD_KINDS; k++) ml_free(f->first[k], sizeof(record_example));
  }
  ml_free(r->texts, (size_t)r->texts_room * sizeof(int));
  ml_free(r->field, r->field_room);
  ml_free(r->wishes, (size_t)r->options.wish_count * sizeof(record_wish));
  ml_free(r->wish_names, r->wish_bytes);
  ml_free(r->problem, r->problem_room);
  *r = (records){0};
}

/* Fields ------------------------------------------------------------------------------------------------------------ */

static bool is_called(const record_wish *w, const char *name, size_t length) {
  return w->length == length && memcmp(w->name, name, length) == 0;
}

static void grant_wishes(const records *r, record_field *f) {
  f->wanted = !r->options.choose;
  for (int i = 0; i < r->options.wish_count; i++) {
    const record_wish *w = &r->wishes[i];
    if (!is_called(w, f->name, f->name_length)) continue;
    if (w->has_type) f->declared = true, f->type = w->type;
    if (!w->has_type) f->wanted = true;
  }
}

ml_status records_add(ml_context *c, records *r, const char *name, size_t length, int *out) {
  size_t used = (size_t)r->count * sizeof(record_field);
  void *fields = r->field;
  if (r->field_room - used < sizeof(record_field)) ML_TRY(ml_alloc_grow(c, &fields, &r->field_room, used, sizeof(record_field)));
  r->field = fields;
  void *room;
  ML_TRY(ml_alloc_checked(c, length + 1, &room));
  record_field *f = &r->field[r->count];
  *f = (record_field){.name = room, .name_length = length};
  memcpy(f->name, name, length);
  f->name[length] = '\0';
  grant_wishes(r, f);
  f->stores = f->wanted;
  *out = r->count++;
  return ML_OK;
}

ml_status records_see(ml_context *c, records *r, int field, const record_value *v, int64_t line) {
  record_field *f = &r->field[field];
  if (f->seen[v->kind]++ > 0 || v->kind == RECORD_MISSING) return ML_OK;
  void *room;
  ML_TRY(ml_alloc_checked(c, sizeof(record_example), &room));
  f->first[v->kind] = room;
  keep_example(room, line, v->text ? v->text : "", v->text ? v->length : 0);
  return ML_OK;
}

void records_forget(records *r) {
  for (int k = 0; k < r->count; k++) {
    memset(r->field[k].seen, 0, sizeof r->field[k].seen);
    r->field[k].has_objects = false;
  }
}

/* Types ------------------------------------------------------------------------------------------------------------- */

/* Kinds as bits. */
enum {
  WHOLE = 1 << RECORD_INTEGER | 1 << RECORD_LONG,
  NUMBERS = WHOLE | 1 << RECORD_NUMBER,
  EXACT = NUMBERS & ~(1 << RECORD_LONG), /* as doubles */
  ALL = ((1 << RECORD_KINDS) - 1) & ~(1 << RECORD_MISSING),
};

/* Values of these kinds, and the first of any other. */
static int64_t count_kinds(const record_field *f, int kinds, const record_example **first) {
  int64_t same = 0;
  *first = NULL;
  for (int k = RECORD_INTEGER; k < RECORD_KINDS; k++) {
    if (kinds >> k & 1) same += f->seen[k];
    else if (f->seen[k] > 0 && f->first[k] && (!*first || f->first[k]->line < (*first)->line)) *first = f->first[k];
  }
  return same;
}

record_kind records_kind_of_text(const char *text, size_t length, double *seconds) {
  bool may_be = length >= 10 && text[4] == '-' && text[0] >= '0' && text[0] <= '9';
  return may_be && ml_iso_time_parse(text, text + length, seconds) ? RECORD_TIME : RECORD_TEXT;
}

ml_column_type records_natural_type(const record_field *f) {
  const record_example *first;
  int64_t all = count_kinds(f, ALL, &first);
  if (all == 0) return ML_COLUMN_NUMBER;
  if (count_kinds(f, WHOLE, &first) == all) return ML_COLUMN_INTEGER;
  if (count_kinds(f, EXACT, &first) == all) return ML_COLUMN_NUMBER;
  if (f->seen[RECORD_BOOLEAN] == all) return ML_COLUMN_BOOLEAN;
  return f->seen[RECORD_TIME] == all ? ML_COLUMN_TIME : ML_COLUMN_TEXT;
}

static ml_status find_wish(ml_context *c, const records *r, const record_wish *w) {
  for (int k = 0; k < r->count; k++)
    if (r->field[k].is_column && is_called(w, r->field[k].name, r->field[k].name_length)) return ML_OK;
  char list[300] = "";
  size_t used = 0;
  for (int k = 0; k < r->count && used < sizeof list - 60; k++) {
    if (!r->field[k].is_column) continue;
    int length = (int)(r->field[k].name_length < 40 ? r->field[k].name_length : 40);
    if (used > 0) used += (size_t)(stpcpy(list + used, ", ") - (list + used));
    memcpy(list + used, r->field[k].name, (size_t)length);
    used += (size_t)length;
  }
  list[used] = '\0';
  return ml_file_fail(c, r->path, "has no column '%.100s'; its columns are %s", w->name, used > 0 ? list : "none");
}

ml_status records_decide(ml_context *c, records *r) {
  for (int i = 0; i < r->options.wish_count; i++) ML_TRY(find_wish(c, r, &r->wishes[i]));
  for (int k = 0; k < r->count; k++) {
    record_field *f = &r->field[k];
    if (!f->declared) f->type = records_natural_type(f);
    f->wanted = f->wanted && f->is_column;
  }
  return ML_OK;
}

ml_column_type records_most(const record_field *f, int64_t *others, const record_example **first, const char **why) {
  static const ml_column_type type[] = {ML_COLUMN_NUMBER, ML_COLUMN_BOOLEAN, ML_COLUMN_TIME};
  static const int kinds[] = {NUMBERS, 1 << RECORD_BOOLEAN, 1 << RECORD_TIME};
  int64_t all = count_kinds(f, ALL, first);
  ml_column_type number = f->seen[RECORD_NUMBER] > 0 ? ML_COLUMN_NUMBER : ML_COLUMN_INTEGER;
  *why = NULL;
  if (f->declared || f->type != ML_COLUMN_TEXT || all == 0) return ML_COLUMN_TYPES;
  if (count_kinds(f, NUMBERS | 1 << RECORD_HUGE, first) == all) {
    bool huge = f->seen[RECORD_HUGE] > 0;
    *others = all - count_kinds(f, huge ? NUMBERS : EXACT, first);
    *why = huge ? ML_BEYOND_INTEGERS : ML_BEYOND_NUMBERS;
    return number;
  }
  for (int i = 0; i < 3; i++) {
    *others = all - count_kinds(f, kinds[i], first);
    if (2 * *others < all) return i == 0 ? number : type[i];
  }
  return ML_COLUMN_TYPES;
}

/* Problems ---------------------------------------------------------------------------------------------------------- */

static ml_status fail_at(ml_context *c, const records *r, int field, const record_place *place, const record_example *found, const char *wanted) {
  const char *name = field >= 0 ? r->field[field].name : "";
  const char *quote = field >= 0 ? "'" : "";
  if (place->line == 0)
    return ml_file_fail(c, r->path, "row %lld, column '%.100s': found '%.*s', expected %s", (long long)place->row, name, (int)found->length,
                        found->text, wanted);
  char where[64 + 2048];
  snprintf(where, sizeof where, "%.1000s:%lld:%lld", r->path, (long long)place->line, (long long)place->column);
  return ml_fail_as(c, ML_BAD_DATA, "%s: %s%.100s%s%sfound '%.*s', expected %s", where, quote, name, quote, field >= 0 ? ": " : "",
                    (int)found->length, found->text, wanted);
}

ml_status records_problem(ml_context *c, records *r, int field, const record_place *place, const char *text, size_t length, const char *wanted) {
  record_problem p = {.line = place->line, .row = place->row, .field = field, .wanted = wanted};
  keep_example(&p.found, place->line, text, length);
  if (!r->options.collect) return fail_at(c, r, field, place, &p.found, wanted);
  if (r->problems++ >= PROBLEMS_KEPT) return ML_OK;
  size_t used = (size_t)r->kept * sizeof p;
  void *problems = r->problem;
  if (r->problem_room - used < sizeof p) ML_TRY(ml_alloc_grow(c, &problems, &r->problem_room, used, sizeof p));
  r->problem = problems;
  r->problem[r->kept++] = p;
  return ML_OK;
}
