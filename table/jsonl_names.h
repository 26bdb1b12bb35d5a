/* The names in JSON Lines. A node is a name inside of an object at one place of the rows' tree; it leads to a field of the
 * records by its full name, with dots. (A failure here may leave a field that no node leads to: it is no column.) */
#ifndef ML_JSONL_NAMES_H
#define ML_JSONL_NAMES_H

#include <string.h>

#include "table/records.h"

enum { JSON_ROW = -1, JSON_FULL = -2 /* parents: the row itself; full names, with dots */ };

typedef struct json_node {
  int parent;
  int field;
  size_t at, length; /* its name in `text` */
  bool plain;        /* it is written as it is: nothing in it needs an escape */
} json_node;

typedef struct json_names {
  json_node *node;
  int count;
  size_t node_room; /* in bytes */
  char *text; /* all names */
  size_t used, room;
  int *table; /* open addressing; -1: free */
  int table_size;
} json_names;

void json_names_free(json_names *n);
/* The node of a name under a parent; -1: there is none. On any thread. */
int json_names_find(const json_names *n, int parent, const char *name, size_t length);
/* Whether a node is that. */
static inline bool json_names_match(const json_names *n, int node, int parent, const char *name, size_t length) {
  const json_node *k = &n->node[node];
  return k->parent == parent && k->length == length && memcmp(n->text + k->at, name, length) == 0;
}
/* Adds it, if there is none. */
ML_CHECKED ml_status json_names_add(ml_context *c, json_names *n, records *r, int parent, const char *name, size_t length, int *node);

#endif
