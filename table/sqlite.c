/* Reading SQLite databases. See sqlite.h. */

#include "table/sqlite.h"

#include <errno.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>

#include "tensor/alloc.h"
#include "tensor/io/file.h"
#include "tensor/io/library_memory.h"
#include "tensor/io/utf8.h"
#include "tensor/parallel.h"

enum { STEPS_BETWEEN = 10000 /* looks at the interrupt flag, in steps of SQLite's machine: about a millisecond */ };

struct ml_sqlite {
  records records;
  char *path;
  size_t path_bytes;
  int64_t file_size;
  sqlite3 *db;
  sqlite3_stmt *statement;
  int columns;
  bool storing; /* the second time through */
  int64_t row;  /* rows before the one that comes next; -1: nobody knows */
};

/* The library ------------------------------------------------------------------------------------------------------- */

static void *take_memory(int bytes) { return ml_library_alloc((size_t)bytes); }
static void *change_memory(void *address, int bytes) { return ml_library_realloc(address, (size_t)bytes); }
static int size_of_memory(void *address) { return address ? (int)ml_library_size(address) : 0; }
static int round_up(int bytes) { return (bytes + 7) & ~7; }
static int begin_memory(void *unused) { return (void)unused, SQLITE_OK; }
static void end_memory(void *unused) { (void)unused; }

/* Once for the process, before anything else of the library: its memory is ours, so that limits see it. */
static void configure(void) {
  static const sqlite3_mem_methods memory = {take_memory, ml_library_free, change_memory, size_of_memory, round_up, begin_memory, end_memory, NULL};
  static bool done;
  if (done) return;
  sqlite3_config(SQLITE_CONFIG_MALLOC, &memory);
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
  done = true;
}

static int look_for_interrupt(void *unused) { return (void)unused, ml_interrupted(); }

static int select_alone(void *unused, int action, const char *a, const char *b, const char *database, const char *trigger) {
  (void)unused, (void)a, (void)database, (void)trigger;
  if (action == SQLITE_FUNCTION) return b && sqlite3_stricmp(b, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
  return action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_RECURSIVE ? SQLITE_OK : SQLITE_DENY;
}

/* What the library says of the last call. */
static ml_status failed(ml_context *c, const ml_sqlite *s) {
  int code = sqlite3_errcode(s->db) & 0xff;
  if (code == SQLITE_NOMEM) return ml_fail_as(c, ML_OUT_OF_MEMORY, "out of memory while reading %.1000s", s->path);
  if (code == SQLITE_INTERRUPT) return ml_fail_as(c, ML_INTERRUPTED, "interrupted while reading %.1000s", s->path);
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
    return ml_file_fail(c, s->path, "is locked: another program is writing into it; try again when that is done");
  if (code == SQLITE_NOTADB) return ml_file_fail(c, s->path, "is no SQLite database, or an encrypted one");
  if (code == SQLITE_CORRUPT) return ml_file_fail(c, s->path, "is damaged: %s; sqlite3 FILE .recover saves what can be saved", sqlite3_errmsg(s->db));
  return ml_file_fail(c, s->path, "can't be read: %s", sqlite3_errmsg(s->db));
}

/* Opening ----------------------------------------------------------------------------------------------------------- */

/* A regular file: says what is wrong better than the library does. It must not be opened for that: closing it again would take
 * away the locks that the library has on it for other readers. */
static ml_status look_at_file(ml_context *c, ml_sqlite *s) {
  struct stat file;
  if (stat(s->path, &file) != 0) return ml_file_fail(c, s->path, "can't be opened: %s", strerror(errno));
  if (S_ISDIR(file.st_mode)) return ml_file_fail(c, s->path, "is a folder, not a file");
  if (!S_ISREG(file.st_mode)) return ml_file_fail(c, s->path, "is not a regular file");
  s->file_size = file.st_size;
  return ML_OK;
}

/* The library reads what lacks of the last page as zeros, which makes tables empty without a word. */
static ml_status check_length(ml_context *c, ml_sqlite *s) {
  sqlite3_stmt *pragma;
  if (sqlite3_prepare_v2(s->db, "pragma page_size", -1, &pragma, NULL) != SQLITE_OK) return failed(c, s);
  int64_t page = sqlite3_step(pragma) == SQLITE_ROW ? sqlite3_column_int(pragma, 0) : 0;
  sqlite3_finalize(pragma);
  if (page < 1) return failed(c, s);
  if (s->file_size % page == 0) return ML_OK;
  return ml_file_fail(c, s->path, "is cut short: its %lld bytes are no whole number of pages of %lld; fetch it again", (long long)s->file_size, (long long)page);
}

static ml_status open_database(ml_context *c, ml_sqlite *s) {
  ML_TRY(look_at_file(c, s));
  configure();
  if (sqlite3_open_v2(s->path, &s->db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
    if (!s->db || sqlite3_errcode(s->db) == SQLITE_NOMEM) return ml_fail_as(c, ML_OUT_OF_MEMORY, "out of memory while reading %.1000s", s->path);
    return failed(c, s);
  }
  sqlite3_limit(s->db, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  sqlite3_progress_handler(s->db, STEPS_BETWEEN, look_for_interrupt, NULL);
  if (sqlite3_exec(s->db, "begin", NULL, NULL, NULL) != SQLITE_OK) return failed(c, s); /* one state for all rows */
  if (sqlite3_exec(s->db, "select 1 from sqlite_master limit 1", NULL, NULL, NULL) != SQLITE_OK) return failed(c, s);
  ML_TRY(check_length(c, s));
  sqlite3_set_authorizer(s->db, select_alone, NULL);
  return ML_OK;
}

static ml_status prepare(ml_context *c, ml_sqlite *s, const char *sql, const char **rest) {
  int code = sqlite3_prepare_v2(s->db, sql, -1, &s->statement, rest) & 0xff;
  if (code == SQLITE_OK) return ML_OK;
  if (code == SQLITE_AUTH) return ml_fail(c, "sqlite_open: a query may select alone, and nothing else: %s", sqlite3_errmsg(s->db));
  if (code != SQLITE_ERROR) return failed(c, s);
  return ml_fail(c, "sqlite_open: %s, in the query for %.1000s", sqlite3_errmsg(s->db), s->path);
}

/* The names of the tables, for a message. */
static ml_status list_tables(ml_context *c, ml_sqlite *s, char list[300]) {
  sqlite3_stmt *names;
  int code;
  size_t used = 0;
  if (sqlite3_prepare_v2(s->db, ML_SQLITE_TABLES, -1, &names, NULL) != SQLITE_OK) return failed(c, s);
  while ((code = sqlite3_step(names)) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(names, 0);
    if (!name || used + strlen(name) + 3 > 300) continue;
    char *end = stpcpy(stpcpy(list + used, used ? ", " : ""), name);
    used = (size_t)(end - list);
  }
  ml_status status = code == SQLITE_DONE ? ML_OK : failed(c, s);
  sqlite3_finalize(names);
  return status;
}

static ml_status prepare_table(ml_context *c, ml_sqlite *s, const char *table) {
  char list[300] = "none";
  ML_TRY(list_tables(c, s, list));
  char *sql = sqlite3_mprintf("select * from \"%w\"", table);
  if (!sql) return ml_fail_as(c, ML_OUT_OF_MEMORY, "out of memory while reading %.1000s", s->path);
  int code = sqlite3_prepare_v2(s->db, sql, -1, &s->statement, NULL);
  sqlite3_free(sql);
  if (code == SQLITE_OK) return ML_OK;
  if ((code & 0xff) != SQLITE_ERROR) return failed(c, s);
  return ml_file_fail(c, s->path, "has no table '%.100s' that can be read (%s); its tables are %s", table, sqlite3_errmsg(s->db), list);
}

static ml_status prepare_query(ml_context *c, ml_sqlite *s, const char *query) {
  const char *rest;
  ML_TRY(prepare(c, s, query, &rest));
  while (*rest == ' ' || *rest == '\n' || *rest == '\t' || *rest == '\r' || *rest == ';') rest++;
  if (!s->statement) return ml_fail(c, "sqlite_open: the query is empty");
  if (*rest) return ml_fail(c, "sqlite_open: the query goes on behind its first statement: '%.60s'", rest);
  if (sqlite3_column_count(s->statement) == 0) return ml_fail(c, "sqlite_open: the query gives no columns");
  return ML_OK;
}

/* Parameters -------------------------------------------------------------------------------------------------------- */

static int place_of(const ml_sqlite *s, const char *name) {
  int count = sqlite3_bind_parameter_count(s->statement);
  for (int i = 1; i <= count; i++) {
    const char *known = sqlite3_bind_parameter_name(s->statement, i);
    if (known && (strcmp(known, name) == 0 || strcmp(known + 1, name) == 0)) return i;
  }
  return 0;
}

static int bind_value(sqlite3_stmt *statement, int at, const record_value *v) {
  switch (v->kind) {
  case RECORD_INTEGER: return sqlite3_bind_int64(statement, at, v->integer);
  case RECORD_NUMBER: return sqlite3_bind_double(statement, at, v->number);
  case RECORD_BOOLEAN: return sqlite3_bind_int(statement, at, v->boolean);
  case RECORD_TEXT: return sqlite3_bind_text64(statement, at, v->text, v->length, SQLITE_TRANSIENT, SQLITE_UTF8);
  default: return sqlite3_bind_null(statement, at);
  }
}

static ml_status bind_all(ml_context *c, ml_sqlite *s, const ml_sqlite_source *from) {
  int needed = sqlite3_bind_parameter_count(s->statement);
  if (needed != from->count) return ml_fail(c, "sqlite_open: the query has %d parameters, but %d are given", needed, from->count);
  for (int i = 0; i < from->count; i++) {
    const ml_sqlite_parameter *p = &from->parameters[i];
    int at = p->name ? place_of(s, p->name) : i + 1;
    if (at == 0) return ml_fail(c, "sqlite_open: the query has no parameter ':%.60s'", p->name);
    if (bind_value(s->statement, at, &p->value) != SQLITE_OK) return failed(c, s);
  }
  return ML_OK;
}

/* Columns ----------------------------------------------------------------------------------------------------------- */

static ml_status add_columns(ml_context *c, ml_sqlite *s) {
  s->columns = sqlite3_column_count(s->statement);
  for (int i = 0; i < s->columns; i++) {
    const char *name = sqlite3_column_name(s->statement, i);
    int field;
    if (!name) return failed(c, s);
    for (int k = 0; k < i; k++)
      if (strcmp(s->records.field[k].name, name) == 0)
        return ml_fail(c, "sqlite_open: columns %d and %d are both called '%.100s'; name one of them: select %.60s as another_name", k + 1, i + 1, name, name);
    ML_TRY(records_add(c, &s->records, name, strlen(name), &field));
    s->records.field[field].is_column = true;
  }
  return ML_OK;
}

static ml_status set_up(ml_context *c, ml_sqlite *s, const char *path, const ml_sqlite_source *from, const record_options *o) {
  void *room;
  size_t bytes = strlen(path) + 1;
  ML_TRY(ml_alloc_checked(c, bytes, &room));
  s->path = memcpy(room, path, bytes);
  s->path_bytes = bytes;
  ML_TRY(records_init(c, &s->records, s->path, o));
  ML_TRY(open_database(c, s));
  ML_TRY(from->table ? prepare_table(c, s, from->table) : prepare_query(c, s, from->query));
  ML_TRY(bind_all(c, s, from));
  return add_columns(c, s);
}

ml_status ml_sqlite_open(ml_context *c, const char *path, const ml_sqlite_source *from, const record_options *o, ml_sqlite **out) {
  void *room;
  *out = NULL;
  ML_TRY(ml_alloc_checked(c, sizeof(ml_sqlite), &room));
  ml_sqlite *s = room;
  *s = (ml_sqlite){.row = 0};
  ml_status status = set_up(c, s, path, from, o);
  if (status == ML_OK)
    *out = s;
  else
    ml_sqlite_close(s);
  return status;
}

void ml_sqlite_close(ml_sqlite *s) {
  if (!s) return;
  sqlite3_finalize(s->statement);
  sqlite3_close(s->db);
  records_free(&s->records);
  ml_free(s->path, s->path_bytes);
  ml_free(s, sizeof *s);
}

/* Rows -------------------------------------------------------------------------------------------------------------- */

static ml_status read_value(ml_context *c, ml_sqlite *s, int column, record_value *v) {
  static const record_kind kinds[] = {[SQLITE_INTEGER] = RECORD_INTEGER, [SQLITE_FLOAT] = RECORD_NUMBER, [SQLITE_TEXT] = RECORD_TEXT,
                                      [SQLITE_BLOB] = RECORD_OTHER, [SQLITE_NULL] = RECORD_MISSING};
  *v = (record_value){.kind = kinds[sqlite3_column_type(s->statement, column)]};
  if (v->kind == RECORD_INTEGER || v->kind == RECORD_NUMBER) v->number = sqlite3_column_double(s->statement, column);
  if (v->kind == RECORD_INTEGER) v->integer = sqlite3_column_int64(s->statement, column), v->kind = records_kind_of_integer(v->integer);
  if (v->kind != RECORD_TEXT) return ML_OK;
  v->text = (const char *)sqlite3_column_text(s->statement, column);
  v->length = (size_t)sqlite3_column_bytes(s->statement, column);
  if (v->text) v->kind = records_kind_of_text(v->text, v->length, &v->number);
  return v->text ? ML_OK : failed(c, s);
}

/* What no column holds: an error, or where problems are collected a missing value. */
static ml_status check_value(ml_context *c, ml_sqlite *s, int column, record_value *v) {
  const record_field *f = &s->records.field[column];
  bool text = v->kind != RECORD_TEXT || /* a time is ASCII */ ml_utf8_valid(v->text, v->length) == v->length;
  if (!f->wanted || (v->kind != RECORD_OTHER && text)) return ML_OK;
  bool blob = v->kind == RECORD_OTHER;
  if (!s->records.options.collect)
    return ml_file_fail(c, s->path, "row %lld, column '%.100s': holds %s; leave it out by columns = {...}, or select hex(%.60s)",
                        (long long)s->row + 1, f->name, blob ? "a BLOB, which no column can hold" : "a text that is no valid UTF-8", f->name);
  *v = (record_value){.kind = RECORD_MISSING};
  record_place place = {.row = s->row + 1};
  return s->storing ? records_problem(c, &s->records, column, &place, "", 0, blob ? "no BLOB" : "valid UTF-8") : ML_OK;
}

static ml_status take_row(ml_context *c, ml_sqlite *s) {
  record_place place = {.row = s->row + 1};
  for (int i = 0; i < s->columns; i++) {
    record_value v;
    if (!s->records.field[i].stores && s->storing) continue;
    ML_TRY(read_value(c, s, i, &v));
    ML_TRY(check_value(c, s, i, &v));
    if (s->storing)
      ML_TRY(records_store(c, &s->records, i, s->row - s->records.stored, &v, &place));
    else
      ML_TRY(records_see(c, &s->records, i, &v, s->row + 1));
    s->records.bytes += 8 + (int64_t)v.length;
  }
  if (s->storing) records_end_row(&s->records, s->row - s->records.stored);
  return ML_OK;
}

/* To the next row; *any false at the end. */
static ml_status step(ml_context *c, ml_sqlite *s, bool *any) {
  if (ml_interrupted()) return ml_fail_as(c, ML_INTERRUPTED, "interrupted while reading %.1000s", s->path);
  int code = sqlite3_step(s->statement);
  *any = code == SQLITE_ROW;
  return code == SQLITE_ROW || code == SQLITE_DONE ? ML_OK : failed(c, s);
}

/* Back to behind so many rows. */
static ml_status return_to(ml_context *c, ml_sqlite *s, int64_t row) {
  bool any = true;
  if (s->row == row) return ML_OK;
  sqlite3_reset(s->statement);
  for (s->row = 0; s->row < row && any; s->row++) ML_TRY(step(c, s, &any));
  return any ? ML_OK : ml_file_fail(c, s->path, "gives fewer rows the second time: its query is not the same each time");
}

static ml_status see_rows(ml_context *c, ml_sqlite *s) {
  bool any = true;
  records_forget(&s->records);
  s->records.bytes = 0;
  sqlite3_reset(s->statement);
  for (s->row = 0;; s->row++) {
    ML_TRY(step(c, s, &any));
    if (!any) return ML_OK;
    ML_TRY(take_row(c, s));
  }
}

ml_status ml_sqlite_scan(ml_context *c, ml_sqlite *s) {
  if (s->storing) return ML_OK;
  ML_TRY(see_rows(c, s));
  s->records.rows = s->row;
  ML_TRY(records_decide(c, &s->records));
  s->row = -1;
  s->storing = true;
  return ML_OK;
}

static ml_status store_rows(ml_context *c, ml_sqlite *s, int64_t rows) {
  bool any;
  ML_TRY(return_to(c, s, s->records.stored));
  ML_TRY(records_reserve(c, &s->records, rows, rows));
  for (int64_t i = 0; i < rows; i++, s->row++) {
    ML_TRY(step(c, s, &any));
    if (!any) return ml_file_fail(c, s->path, "gives fewer rows the second time: its query is not the same each time");
    ML_TRY(take_row(c, s));
  }
  return ML_OK;
}

static ml_status write_rows(ml_context *c, void *reader, int64_t rows) {
  ml_sqlite *s = reader;
  ml_status status = store_rows(c, s, rows);
  if (status != ML_OK) s->row = -1;
  return status;
}

ml_status ml_sqlite_read(ml_context *c, ml_sqlite *s, int64_t max_rows, ml_table *out, bool *any) {
  *any = false;
  ML_TRY(ml_sqlite_scan(c, s));
  return records_read(c, &s->records, max_rows, write_rows, s, out, any);
}

const records *ml_sqlite_records(const ml_sqlite *s) { return &s->records; }
int64_t ml_sqlite_file_size(const ml_sqlite *s) { return s->file_size; }
