/* The names in JSON Lines. See jsonl_names.h. */

#include "table/jsonl_names.h"

#include <string.h>

#include "tensor/alloc.h"

enum { LONGEST = 1 << 16 };

void json_names_free(json_names *n) {
  ml_free(n->node, n->node_room);
  ml_free(n->text, n->room);
  ml_free(n->table, (size_t)n->table_size * sizeof(int));
  *n = (json_names){0};
}

static uint32_t hash_of(int parent, const char *name, size_t length) {
  uint32_t hash = 2166136261u ^ (uint32_t)parent * 2654435761u; /* FNV-1a */
  for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)name[i]) * 16777619u;
  return hash ^ hash >> 15;
}

/* Where the node is in the hash table, or the free place where it belongs. */
static int place_of(const json_names *n, int parent, const char *name, size_t length) {
  uint32_t mask = (uint32_t)n->table_size - 1, at = hash_of(parent, name, length) & mask;
  while (n->table[at] >= 0 && !json_names_match(n, n->table[at], parent, name, length)) at = (at + 1) & mask;
  return (int)at;
}

/* Room for another node, its name and its place in the hash table, which is at most half full. */
static ml_status reserve(ml_context *c, json_names *n, size_t length) {
  size_t used = (size_t)n->count * sizeof(json_node);
  void *room = n->node;
  if (n->node_room - used < sizeof(json_node)) ML_TRY(ml_alloc_grow(c, &room, &n->node_room, used, sizeof(json_node)));
  n->node = room;
  room = n->text;
  if (n->room - n->used < length) ML_TRY(ml_alloc_grow(c, &room, &n->room, n->used, length));
  n->text = room;
  if (2 * (n->count + 1) <= n->table_size) return ML_OK;
  int size = n->table_size ? 2 * n->table_size : 64;
  ML_TRY(ml_alloc_checked(c, (size_t)size * sizeof(int), &room));
  ml_free(n->table, (size_t)n->table_size * sizeof(int));
  n->table = room;
  n->table_size = size;
  memset(room, 0xff, (size_t)size * sizeof(int));
  for (int i = 0; i < n->count; i++) {
    const json_node *k = &n->node[i];
    n->table[place_of(n, k->parent, n->text + k->at, k->length)] = i;
  }
  return ML_OK;
}

static bool is_plain(const char *name, size_t length) {
  size_t i = 0;
  while (i < length && (unsigned char)name[i] >= 0x20 && name[i] != '"' && name[i] != '\\') i++;
  return i == length;
}

static ml_status put_node(ml_context *c, json_names *n, int parent, const char *name, size_t length, int field) {
  ML_TRY(reserve(c, n, length));
  n->table[place_of(n, parent, name, length)] = n->count;
  n->node[n->count] = (json_node){.parent = parent, .field = field, .at = n->used, .length = length, .plain = is_plain(name, length)};
  if (length > 0) memcpy(n->text + n->used, name, length);
  n->used += length;
  n->count++;
  return ML_OK;
}

/* The field with a full name that has a dot, which can be reached in several ways: it has a node of its own. */
static ml_status find_dotted(ml_context *c, json_names *n, records *r, const char *full, size_t length, int *field) {
  int at = n->table_size > 0 ? place_of(n, JSON_FULL, full, length) : 0;
  if (n->table_size > 0 && n->table[at] >= 0) {
    *field = n->node[n->table[at]].field;
    return ML_OK;
  }
  ML_TRY(records_add(c, r, full, length, field));
  return put_node(c, n, JSON_FULL, full, length, *field);
}

static ml_status add_node(ml_context *c, json_names *n, records *r, int parent, const char *name, size_t length, int *out) {
  char full[LONGEST];
  int field;
  size_t above = parent >= 0 ? r->field[n->node[parent].field].name_length + 1 : 0;
  if (above + length > LONGEST) return ml_fail_as(c, ML_BAD_DATA, "%.1000s: a name has more than %d bytes", r->path, LONGEST);
  if (above > 0) memcpy(full, r->field[n->node[parent].field].name, above - 1), full[above - 1] = '.';
  if (length > 0) memcpy(full + above, name, length);
  if (memchr(full, '.', above + length))
    ML_TRY(find_dotted(c, n, r, full, above + length, &field));
  else
    ML_TRY(records_add(c, r, full, length, &field));
  *out = n->count;
  return put_node(c, n, parent, name, length, field);
}

int json_names_find(const json_names *n, int parent, const char *name, size_t length) {
  return n->table_size > 0 ? n->table[place_of(n, parent, name, length)] : -1;
}

ml_status json_names_add(ml_context *c, json_names *n, records *r, int parent, const char *name, size_t length, int *node) {
  *node = json_names_find(n, parent, name, length);
  return *node < 0 ? add_node(c, n, r, parent, name, length, node) : ML_OK;
}
