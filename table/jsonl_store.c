/* What the tapes of a block hold: their values are seen, the types of the fields follow, and the values go into the columns, each piece
 * into the rows that are its own. */

#include "table/jsonl_parts.h"
#include "tensor/parallel.h"

static const char *text_of(const ml_jsonl *r, const json_entry *e) { return (e->apart ? r->work.apart : r->buffer) + e->at; }

static record_value value_of(const ml_jsonl *r, const json_entry *e) {
  record_value v = {.kind = (record_kind)e->kind, .text = text_of(r, e), .length = e->length};
  if (e->kind == RECORD_NUMBER || e->kind == RECORD_HUGE || e->kind == RECORD_TIME) v.number = e->number;
  else v.integer = e->integer, v.number = (double)e->integer, v.boolean = e->integer;
  return v;
}

/* Seeing ------------------------------------------------------------------------------------------------------------ */

/* The line of an entry, from 1. */
static int64_t line_of(const ml_jsonl *r, const json_piece *p, int64_t entry) {
  while (p->tape[entry].kind != JSON_ROW_BEGINS) entry--;
  return r->line + p->first_line + p->tape[entry].field + 1;
}

static ml_status see_field(ml_context *c, ml_jsonl *r, const json_piece *p, int field) {
  const json_tally *t = &p->tally[field];
  record_field *f = &r->records.field[field];
  f->has_objects = f->has_objects || t->objects > 0;
  for (int kind = 0; kind < RECORD_KINDS; kind++) {
    if (t->seen[kind] == 0) continue;
    record_value v = value_of(r, &p->tape[t->first[kind]]);
    bool new = f->seen[kind] == 0;
    if (new) ML_TRY(records_see(c, &r->records, field, &v, line_of(r, p, t->first[kind])));
    f->seen[kind] += t->seen[kind] - new;
  }
  return ML_OK;
}

ml_status json_see(ml_context *c, ml_jsonl *r) {
  for (int i = 0; i < r->work.pieces; i++)
    for (int k = 0; k < r->records.count; k++) ML_TRY(see_field(c, r, &r->work.piece[i], k));
  return ML_OK;
}

/* Storing ----------------------------------------------------------------------------------------------------------- */

/* Where each piece puts its texts. */
static ml_status place_texts(ml_context *c, ml_jsonl *r) {
  records *all = &r->records;
  for (int n = 0; n < all->text_count; n++) {
    record_field *f = &all->field[all->texts[n]];
    int64_t more = 0;
    for (int i = 0; i < r->work.pieces; i++) {
      json_tally *t = &r->work.piece[i].tally[all->texts[n]];
      t->to = f->used + more;
      more += t->bytes;
    }
    ML_TRY(records_reserve_text(c, all, f, more));
    f->used += more;
  }
  return ML_OK;
}

static void store_text(const ml_jsonl *r, record_field *f, json_tally *t, const json_entry *e, int64_t row) {
  memcpy((char *)ml_data(f->bytes) + t->to, text_of(r, e), e->length);
  ((uint8_t *)ml_data(f->missing))[row] = 0;
  t->to += e->length;
}

static void store_value(const ml_jsonl *r, const json_piece *p, const json_entry *e, int64_t row) {
  record_field *f = &r->records.field[e->field];
  if (!f->stores) return;
  if (f->type == ML_COLUMN_TEXT) {
    store_text(r, f, &p->tally[e->field], e, row);
  } else if (f->type == ML_COLUMN_NUMBER && e->kind == RECORD_NUMBER) {
    ml_f64(f->values)[row] = e->number;
  } else {
    record_value v = value_of(r, e);
    if (!records_put(f, row, &v)) p->tally[e->field].bad++;
  }
}

static void end_row(const ml_jsonl *r, const json_piece *p, int64_t row) {
  const records *all = &r->records;
  for (int n = 0; n < all->text_count; n++) ml_i64(all->field[all->texts[n]].ends)[row] = p->tally[all->texts[n]].to;
}

static void store_pieces(void *arg, int64_t begin, int64_t end) {
  const ml_jsonl *r = arg;
  for (int64_t i = begin; i < end; i++) {
    const json_piece *p = &r->work.piece[i];
    int64_t first = r->records.chunk - r->work.rows + p->first_row, row = first - 1;
    for (int64_t n = 0; n < p->entries; n++) {
      const json_entry *e = &p->tape[n];
      if (e->kind == JSON_ROW_BEGINS) {
        if (row >= first) end_row(r, p, row);
        row++;
      } else if (e->kind != RECORD_MISSING && e->kind != JSON_OBJECT) {
        store_value(r, p, e, row);
      }
    }
    if (row >= first) end_row(r, p, row);
  }
}

/* Problems ---------------------------------------------------------------------------------------------------------- */

/* A value that was not of its field's type is found by trying once more. */
static ml_status report_value(ml_context *c, ml_jsonl *r, const json_piece *p, const json_entry *row, const json_entry *e, int64_t at,
                              const record_place *place) {
  record_field *f = &r->records.field[e->field];
  record_value v = value_of(r, e);
  if (e->kind == RECORD_MISSING || !f->stores || p->tally[e->field].bad == 0 || records_put(f, at, &v)) return ML_OK;
  record_place here = *place;
  here.column = (int64_t)e->at - (e->kind == RECORD_TEXT || e->kind == RECORD_TIME) - row->at + 1;
  return records_wrong_type(c, &r->records, (int)e->field, &v, &here);
}

static ml_status report_piece(ml_context *c, ml_jsonl *r, const json_piece *p) {
  static const char wanted[] = "one JSON object";
  int64_t at = r->records.chunk - r->work.rows + p->first_row - 1;
  const json_entry *row = NULL;
  record_place place = {0};
  for (int64_t n = 0; n <= p->entries; n++) {
    const json_entry *e = &p->tape[n];
    bool begins = n == p->entries || e->kind == JSON_ROW_BEGINS;
    if (begins && row && row->wrong) ML_TRY(records_problem(c, &r->records, -1, &place, text_of(r, row), row->length, wanted));
    if (n == p->entries) break;
    if (begins) {
      row = e;
      at++;
      place = (record_place){.row = r->records.stored + at + 1, .line = line_of(r, p, n), .column = 1};
    } else if (e->kind != JSON_OBJECT) {
      ML_TRY(report_value(c, r, p, row, e, at, &place));
    }
  }
  return ML_OK;
}

/* Values that were stored count, those that were not are reported. */
static ml_status count_values(ml_context *c, ml_jsonl *r) {
  for (int i = 0; i < r->work.pieces; i++) {
    const json_piece *p = &r->work.piece[i];
    bool bad = p->any_wrong;
    for (int k = 0; k < r->records.count; k++) {
      const json_tally *t = &p->tally[k];
      record_field *f = &r->records.field[k];
      if (!f->stores) continue;
      for (int kind = RECORD_INTEGER; kind < RECORD_KINDS; kind++) f->given += t->seen[kind];
      f->given -= t->bad;
      bad = bad || t->bad > 0;
    }
    if (bad && r->reporting) ML_TRY(report_piece(c, r, p));
  }
  return ML_OK;
}

ml_status json_store(ml_context *c, ml_jsonl *r, int64_t expected) {
  ML_TRY(records_reserve(c, &r->records, r->records.chunk + r->work.rows, expected));
  ML_TRY(place_texts(c, r));
  ML_TRY(ml_parallel_for(c, r->work.pieces, 1, store_pieces, r));
  return count_values(c, r);
}
