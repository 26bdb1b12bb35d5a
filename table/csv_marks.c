/* Texts that mean that a value is missing, and texts that are kept. */

#include <string.h>

#include "table/csv_parts.h"
#include "table/iso_time.h"
#include "table/number.h"
#include "tensor/alloc.h"

ml_status csv_copy_text(ml_context *c, ml_csv_text t, char **out) {
  void *room;
  *out = NULL;
  ML_TRY(ml_alloc_checked(c, t.length + 1, &room));
  if (t.length > 0) memcpy(room, t.text, t.length);
  *out = room;
  (*out)[t.length] = 0;
  return ML_OK;
}

void csv_free_text(char *text, size_t length) {
  if (text) ml_free(text, length + 1);
}

static const ml_csv_text usual[] = {{"", 0},     {"NA", 2},   {"N/A", 3},  {"NaN", 3}, {"nan", 3},
                                    {"null", 4}, {"NULL", 4}, {"None", 4}, {"?", 1},   {"-", 1}};
static const ml_csv_list usual_list = {usual, sizeof usual / sizeof *usual};

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static bool looks_like_a_value(ml_csv_text t) {
  double number;
  if (t.length == 3 && strncasecmp(t.text, "nan", 3) == 0) return false;
  return ml_number_parse(t.text, t.text + t.length, '.', &number) || ml_number_parse(t.text, t.text + t.length, ',', &number) ||
         ml_iso_time_parse(t.text, t.text + t.length, &number);
}

/* One mark without the blanks around it. */
static ml_status add(ml_context *c, csv_marks *m, ml_csv_text t) {
  char *copy;
  while (t.length > 0 && is_blank(*t.text)) t.text++, t.length--;
  while (t.length > 0 && is_blank(t.text[t.length - 1])) t.length--;
  ML_TRY(csv_copy_text(c, t, &copy));
  m->item[m->count++] = (ml_csv_text){copy, t.length};
  if (t.length == 0) m->empty = true;
  else m->begins[(unsigned char)*copy] = true;
  if (t.length > m->longest) m->longest = t.length;
  m->values = m->values || looks_like_a_value(t);
  return ML_OK;
}

ml_status csv_marks_init(ml_context *c, const ml_csv_list *list, csv_marks *out) {
  void *room;
  if (!list) list = &usual_list;
  *out = (csv_marks){0};
  size_t bytes = (size_t)list->count * sizeof *out->item + 1;
  ML_TRY(ml_alloc_checked(c, bytes, &room));
  out->item = room;
  out->room = bytes;
  ml_status status = ML_OK;
  for (int i = 0; i < list->count && status == ML_OK; i++) status = add(c, out, list->item[i]);
  if (status == ML_OK) return ML_OK;
  csv_marks_free(out);
  return status;
}

void csv_marks_free(csv_marks *m) {
  for (int i = 0; i < m->count; i++) csv_free_text((char *)m->item[i].text, m->item[i].length);
  ml_free(m->item, m->room);
  *m = (csv_marks){0};
}
