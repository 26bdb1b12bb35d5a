/* The names in JSON Lines. A node is a name inside of an object at one place of the rows' tree; it leads to a field of the
 * records by its full name, with dots. (A failure here may leave a field that no node leads to: it is no column.) */
#ifndef ML_JSONL_NAMES_H
#define ML_JSONL_NAMES_H

#include "table/records.h"

enum { JSON_ROW = -1, JSON_FULL = -2 /* parents: the row itself; full names, with dots */ };

typedef struct json_node {
  int parent;
  int field;
  size_t at, length; /* its name in `text` */
  int next;          /* the node that came after it the last time: a guess; -1: none */
  int64_t last_row;  /* in which it was an object */
  bool has_objects, has_values;
} json_node;

typedef struct json_names {
  json_node *node;
  int count;
  size_t node_room; /* in bytes */
  char *text; /* all names */
  size_t used, room;
  int *table; /* open addressing; -1: free */
  int table_size;
  int last; /* the node that was looked up last */
} json_names;

void json_names_free(json_names *n);
/* The node of a name under a parent; added if it is new, then *node < 0 where `may_add` is false. */
ML_CHECKED ml_status json_names_find(ml_context *c, json_names *n, records *r, int parent, const char *name, size_t length, bool may_add,
                                     int *node);

#endif
