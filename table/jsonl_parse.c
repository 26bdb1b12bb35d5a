/* Parsing lines of JSON into tapes, piece by piece on all threads.
 *
 * The names are known to all threads and changed by none: a piece ends before a line with a new name, and what the pieces behind it
 * found is thrown away. The names of the next lines are then looked at alone, of twice as many each time. The text is not changed,
 * so that it can be parsed again and shown. */

#include "table/jsonl_parts.h"
#include "table/number.h"
#include "tensor/io/json_reader.h"
#include "tensor/io/utf8.h"
#include "tensor/parallel.h"

typedef struct parser {
  const ml_jsonl *r;
  json_piece *p;
  json_marks *marks;
  ml_json j;
  int last; /* the node of the name before; -1: the line begins */
} parser;

static const char twice[] = "a name that this object has already";

static json_entry *add_entry(parser *s, uint8_t kind, uint32_t field, const char *text, size_t length) {
  json_entry *e = &s->p->tape[s->p->entries++];
  *e = (json_entry){.field = field, .kind = kind, .at = (uint32_t)(text - s->r->buffer), .length = (uint32_t)length};
  return e;
}

/* Values ------------------------------------------------------------------------------------------------------------ */

/* Digits and a fraction that a double holds exactly, as nearly all are: [-] 1..9 digits [. digits], no exponent, at most 15 digits;
 * where neither "-0" nor a leading zero can be. */
static bool short_number(ml_json *j, json_entry *e) {
  static const double power[16] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  const char *p = j->at + (*j->at == '-'), *end = j->end;
  const char *first = p, *point = NULL;
  int64_t value = 0;
  for (; p < end && p - first < 17; p++) {
    if (*p == '.' && !point && p > first) point = p;
    else if (*p >= '0' && *p <= '9') value = value * 10 + (*p - '0');
    else break;
  }
  if (p == first || p - first > 16 || p == end || p - 1 == point || *p == '.' || (*p | 32) == 'e' || (*p >= '0' && *p <= '9')) return false;
  if (*first == '0' && point != first + 1 && (p - first > 1 || first > j->at)) return false;
  if (!point) {
    e->kind = records_kind_of_integer(value);
    e->integer = first > j->at ? -value : value;
  } else {
    double x = (double)value / power[p - point - 1];
    e->kind = RECORD_NUMBER;
    e->number = first > j->at ? -x : x;
  }
  e->length = (uint32_t)(p - j->at);
  j->at = (char *)p;
  return true;
}

/* value: what it comes to is wanted, besides whether it is an integer. */
static void read_number(parser *s, bool value, json_entry *e) {
  ml_json_text text;
  bool whole;
  if (short_number(&s->j, e) || !ml_json_number(&s->j, &text, &whole)) return;
  e->length = (uint32_t)text.length;
  const char *end = text.text + text.length;
  if (whole && ml_integer_parse(text.text, end, &e->integer)) {
    e->kind = records_kind_of_integer(e->integer);
    return;
  }
  e->kind = whole && text.length > 2 ? RECORD_HUGE : RECORD_NUMBER; /* -0 is a number */
  if (value && !ml_number_parse(text.text, end, '.', &e->number)) ml_json_fail(&s->j, "expected a number");
}

static void read_text(parser *s, json_entry *e) {
  ml_json_text text;
  if (!ml_json_string(&s->j, &text)) return;
  const char *apart = s->r->work.apart;
  e->apart = text.text >= apart && text.text < apart + s->r->work.apart_room;
  e->at = (uint32_t)(text.text - (e->apart ? apart : s->r->buffer));
  e->length = (uint32_t)text.length;
  e->kind = records_kind_of_text(text.text, text.length, &e->number);
}

static void read_raw(parser *s, int depth, uint8_t kind, json_entry *e) {
  ml_json_text text;
  e->kind = kind;
  if (kind == RECORD_MISSING && s->j.end - s->j.at >= 4 && memcmp(s->j.at, "null", 4) == 0) {
    e->length = 4;
    s->j.at += 4;
    return;
  }
  e->integer = s->j.at < s->j.end && *s->j.at == 't';
  if (ml_json_raw(&s->j, depth, &text)) e->length = (uint32_t)text.length;
}

/* The value at j->at, where white space was left out. */
static void read_value(parser *s, int depth, bool value, json_entry *e) {
  ml_json *j = &s->j;
  char ch = j->at < j->end ? *j->at : '\0';
  if (ch == '"') read_text(s, e);
  else if (ch == '-' || (ch >= '0' && ch <= '9')) read_number(s, value, e);
  else if (ch == '[') read_raw(s, depth, RECORD_OTHER, e);
  else if (ch == 'n') read_raw(s, depth, RECORD_MISSING, e);
  else if (ch == 't' || ch == 'f') read_raw(s, depth, RECORD_BOOLEAN, e);
  else ml_json_fail(j, "expected a value");
}

/* Lines ------------------------------------------------------------------------------------------------------------- */

/* The node that came here the last time, if its name and a ':' stand here letter by letter, which are taken then. */
static bool take_guess(parser *s, int parent, int node) {
  ml_json *j = &s->j;
  const json_node *k = &s->r->names.node[node];
  if (!k->plain || k->parent != parent || (size_t)(j->end - j->at) < k->length + 3 || *j->at != '"') return false;
  const char *behind = j->at + 1 + k->length;
  if (behind[0] != '"' || behind[1] != ':' || memcmp(j->at + 1, s->r->names.text + k->at, k->length) != 0) return false;
  j->at = (char *)behind + 2;
  return true;
}

/* The node of the name that stands here; -1: there is none, or something is wrong. */
static int take_name(parser *s, int parent) {
  const json_names *n = &s->r->names;
  ml_json_text name;
  int *next = s->last >= 0 ? &s->marks->next[s->last] : NULL, guess = next ? *next : n->count > 0 ? 0 : -1;
  if (guess >= 0 && take_guess(s, parent, guess)) return s->last = guess;
  if (!ml_json_key(&s->j, &name)) return -1;
  int node = json_names_find(n, parent, name.text, name.length);
  s->p->new_name = node < 0;
  if (next && node >= 0) *next = node;
  return s->last = node;
}

/* As ml_json_more, which it asks where there is more than a comma. */
static bool take_comma(ml_json *j, bool *first) {
  if (*first || j->at == j->end || *j->at != ',') return ml_json_more(j, '}', first);
  j->at++;
  return true;
}

static bool opens_object(ml_json *j) { return j->at < j->end && (unsigned char)*j->at > ' ' ? *j->at == '{' : ml_json_next_is(j, '{'); }

static void fail_twice(parser *s, char *where) {
  s->j.at = where;
  ml_json_fail(&s->j, twice);
}

static void take_value(parser *s, int field, int depth, char *where) {
  const record_field *f = &s->r->records.field[field];
  if (s->marks->of_field[field] == s->marks->line) {
    fail_twice(s, where);
    return;
  }
  s->marks->of_field[field] = s->marks->line;
  bool value = s->r->storing && f->stores && f->type != ML_COLUMN_TEXT;
  json_entry *e = add_entry(s, RECORD_MISSING, (uint32_t)field, s->j.at, 0);
  read_value(s, depth, value, e);
  if (s->j.wrong) s->p->entries--;
}

/* Until something is wrong, or the piece has a new name. */
static void take_object(parser *s, int parent, int depth) {
  ml_json *j = &s->j;
  bool first = true;
  if (depth > ML_JSON_DEPTH) {
    ml_json_fail(j, "nested too deeply");
    return;
  }
  if (!ml_json_take(j, '{')) return;
  while (take_comma(j, &first)) {
    ml_json_next_is(j, '"');
    char *where = j->at;
    int node = take_name(s, parent);
    if (node < 0) return;
    int field = s->r->names.node[node].field;
    if (!opens_object(j)) {
      take_value(s, field, depth + 1, where);
    } else if (s->marks->of_node[node] == s->marks->line) {
      fail_twice(s, where);
    } else {
      s->marks->of_node[node] = s->marks->line;
      add_entry(s, JSON_OBJECT, (uint32_t)field, where, 0);
      take_object(s, node, depth + 1);
    }
    if (j->wrong || s->p->new_name) return;
  }
}

/* Counts the entries from `from` on. */
static void count_entries(json_piece *p, int64_t from) {
  for (int64_t i = from; i < p->entries; i++) {
    const json_entry *e = &p->tape[i];
    json_tally *t = &p->tally[e->field];
    if (e->kind == JSON_OBJECT) {
      t->objects++;
    } else {
      if (t->seen[e->kind]++ == 0) t->first[e->kind] = (uint32_t)i;
      t->bytes += e->length;
    }
  }
}

/* A row that is no JSON, which is the end, or what was found before is kept. */
static bool is_wrong(parser *s, json_entry *row, const char *wrong, const char *at) {
  json_piece *p = s->p;
  if (s->r->records.options.collect) {
    row->wrong = p->any_wrong = true;
    return false;
  }
  p->wrong = wrong;
  p->wrong_at = (uint32_t)(at - s->r->buffer);
  return true;
}

/* False: the piece ends before this line. valid: how far the piece is UTF-8. */
static bool parse_line(parser *s, const char *line, const char *end, const char *valid) {
  json_entry *row = add_entry(s, JSON_ROW_BEGINS, (uint32_t)s->p->lines, line, (size_t)(end - line));
  if (valid < end) return !is_wrong(s, row, "this is no valid UTF-8", valid);
  s->marks->line++;
  s->last = -1;
  s->j = ml_json_begin_apart(line, (size_t)(end - line), s->r->work.apart + (line - s->r->buffer));
  take_object(s, JSON_ROW, 1);
  if (s->p->new_name) return false;
  if (!s->j.wrong) ml_json_end(&s->j);
  return !s->j.wrong || !is_wrong(s, row, s->j.wrong, s->j.at);
}

static bool take_line(parser *s, const char *line, const char *end, const char *valid) {
  json_piece *p = s->p;
  int64_t from = p->entries;
  if (p->room - from < (end - line) / JSON_VALUE + 2) return false;
  if (!parse_line(s, line, end, valid)) {
    p->entries = from;
    return false;
  }
  count_entries(p, from + 1);
  p->rows++;
  return true;
}

static void parse_piece(const ml_jsonl *r, json_piece *p) {
  parser s = {.r = r, .p = p, .marks = &r->work.marks[ml_thread_index()]};
  const char *at = r->buffer + p->begin, *end = r->buffer + p->end, *valid = at + ml_utf8_valid(at, (size_t)(end - at));
  if (r->records.count > 0) memset(p->tally, 0, (size_t)r->records.count * sizeof *p->tally);
  while (at < end) {
    const char *stop = json_line_end(at, end);
    if (!json_is_blank(at, stop) && !take_line(&s, at, stop, valid)) break;
    p->lines++;
    at = stop < end ? stop + 1 : end;
    p->stop = (uint32_t)(at - r->buffer);
    if (valid < at) valid = at + ml_utf8_valid(at, (size_t)(end - at));
  }
}

static void parse_pieces(void *arg, int64_t begin, int64_t end) {
  const ml_jsonl *r = arg;
  for (int64_t i = begin; i < end; i++) parse_piece(r, &r->work.piece[i]);
}

ml_status json_parse(ml_context *c, ml_jsonl *r, uint32_t end) {
  json_work *w = &r->work;
  ML_TRY(json_work_begin(c, r, end));
  ML_TRY(ml_parallel_for(c, w->pieces, 1, parse_pieces, r));
  int64_t lines = 0;
  w->rows = 0;
  for (int i = 0; i < w->pieces; i++) {
    json_piece *p = &w->piece[i];
    p->first_row = w->rows;
    p->first_line = lines;
    w->rows += p->rows;
    lines += p->lines;
    if (p->stop != p->end) w->pieces = i + 1;
  }
  return ML_OK;
}

/* Names ------------------------------------------------------------------------------------------------------------- */

/* As take_object goes, at least as far; what is wrong is left to it. */
static ml_status learn_object(ml_context *c, ml_jsonl *r, ml_json *j, int parent, int depth) {
  ml_json_text name;
  bool first = true;
  if (depth > ML_JSON_DEPTH || !ml_json_take(j, '{')) return ML_OK;
  while (ml_json_more(j, '}', &first)) {
    int node;
    if (!ml_json_key(j, &name)) return ML_OK;
    ML_TRY(json_names_add(c, &r->names, &r->records, parent, name.text, name.length, &node));
    if (ml_json_next_is(j, '{')) ML_TRY(learn_object(c, r, j, node, depth + 1));
    else if (!ml_json_skip(j, ml_json_next_is(j, '[') ? depth + 1 : 0)) return ML_OK;
    if (j->wrong) return ML_OK;
  }
  return ML_OK;
}

ml_status json_learn(ml_context *c, ml_jsonl *r, uint32_t end, int64_t lines) {
  const char *at = r->buffer + r->begin, *stop = r->buffer + end;
  for (; lines > 0 && at < stop; lines--) {
    const char *next = json_line_end(at, stop);
    size_t length = (size_t)(next - at);
    ml_json j = ml_json_begin_apart(at, length, r->work.apart + (at - r->buffer));
    if (ml_utf8_valid(at, length) == length) ML_TRY(learn_object(c, r, &j, JSON_ROW, 1));
    at = next + (next < stop);
  }
  return ML_OK;
}
