/* Tables and queries of SQLite databases load with the types that all rows have, and a damaged or locked database is an error. */

#include <math.h>
#include <sqlite3.h>

#include "table/sqlite.h"
#include "tests/c/hostile.h"

enum { MOST = 64 << 20 };

static const record_options plainly;

static void make_database(const char *sql) {
  sqlite3 *db;
  char *wrong = NULL;
  unlink(scratch);
  sqlite3_open(scratch, &db);
  sqlite3_exec(db, sql, NULL, NULL, &wrong);
  check_record(wrong == NULL, __FILE__, __LINE__, "%s", wrong);
  sqlite3_close(db);
}

static const char people[] = "create table people (id integer, name text, mass real, mixed, photo blob);"
                             "insert into people values (1, 'Ada', 60.5, 1, x'00'), (2, null, 70, 'x', null), (3, 'Zo\xc3\xab', null, 2.5, null);"
                             "create view heavy as select name from people where mass > 65;";

static ml_status read_from(const ml_sqlite_source *from, const record_options *o, ml_table *t) {
  ml_sqlite *s;
  bool any;
  ML_TRY(ml_sqlite_open(c, scratch, from, o, &s));
  ml_status status = ml_sqlite_read(c, s, -1, t, &any);
  ml_sqlite_close(s);
  return status;
}

static ml_status read_query(const char *query) {
  ml_table t = {0};
  ml_status status = read_from(&(ml_sqlite_source){.query = query}, &plainly, &t);
  ml_table_free(&t);
  return status;
}

/* Two rows at a time. */
static ml_status read_by_two(void) {
  ml_sqlite *s;
  bool any = true;
  ML_TRY(ml_sqlite_open(c, scratch, &(ml_sqlite_source){.query = "select id, name, mass, mixed from people"}, &plainly, &s));
  ml_status status = ML_OK;
  while (status == ML_OK && any) {
    ml_table t = {0};
    status = ml_sqlite_read(c, s, 2, &t, &any);
    ml_table_free(&t);
  }
  ml_sqlite_close(s);
  return status;
}

static void test_types_are_those_of_all_values(void) {
  ml_table t = {0};
  make_database(people);
  record_wish wish[] = {{"id", 2, false, 0}, {"name", 4, false, 0}, {"mass", 4, false, 0}, {"mixed", 5, false, 0}};
  CHECK_OK(c, read_from(&(ml_sqlite_source){.table = "people"}, &(record_options){.wishes = wish, .wish_count = 4, .choose = true}, &t));
  CHECK_INT(t.rows, 3);
  CHECK_INT(t.columns, 4);
  static const ml_column_type types[] = {ML_COLUMN_INTEGER, ML_COLUMN_TEXT, ML_COLUMN_NUMBER, ML_COLUMN_TEXT};
  for (int k = 0; k < 4 && k < t.columns; k++) CHECK_INT(t.column[k].type, types[k]);
  CHECK_INT(ml_i64(t.column[0].values)[2], 3);
  CHECK(t.column[0].missing == NULL && ((uint8_t *)ml_data(t.column[1].missing))[1]);
  CHECK(memcmp(ml_data(t.column[1].bytes), "AdaZo\xc3\xab", 7) == 0);
  CHECK(ml_f64(t.column[2].values)[1] == 70 && isnan(ml_f64(t.column[2].values)[2]));
  CHECK(memcmp(ml_data(t.column[3].bytes), "1x2.5", 5) == 0);
  ml_table_free(&t);
}

static void test_queries_take_parameters(void) {
  ml_table t = {0};
  ml_sqlite_parameter list[] = {{NULL, {.kind = RECORD_INTEGER, .integer = 1}}, {NULL, {.kind = RECORD_TEXT, .text = "Ada", .length = 3}}};
  CHECK_OK(c, read_from(&(ml_sqlite_source){.query = "select id from people where id > ? and name is not ?; ", .parameters = list, .count = 2}, &plainly, &t));
  CHECK_INT(t.rows, 2);
  ml_table_free(&t);
  list[0].name = "least";
  CHECK_OK(c, read_from(&(ml_sqlite_source){.query = "select id from people where id > :least", .parameters = list, .count = 1}, &plainly, &t));
  CHECK_INT(t.rows, 2);
  ml_table_free(&t);
  list[0].name = "most";
  CHECK_FAILS(c, ML_ERROR, "sqlite_open: the query has no parameter ':most'",
              read_from(&(ml_sqlite_source){.query = "select id from people where id > :least", .parameters = list, .count = 1}, &plainly, &t));
  CHECK_FAILS(c, ML_ERROR, "sqlite_open: the query has 1 parameters, but 0 are given", read_query("select id from people where id > ?"));
}

static void test_only_select_is_allowed(void) {
  char expected[300];
  CHECK_FAILS(c, ML_ERROR, "sqlite_open: a query may select alone, and nothing else: not authorized", read_query("delete from people"));
  CHECK_FAILS(c, ML_ERROR, "sqlite_open: a query may select alone, and nothing else: not authorized", read_query("pragma journal_mode = wal"));
  CHECK_FAILS(c, ML_ERROR, "sqlite_open: a query may select alone, and nothing else: not authorized", read_query("attach 'x' as y"));
  CHECK_FAILS(c, ML_ERROR, "sqlite_open: the query goes on behind its first statement: 'select 2'", read_query("select 1; select 2"));
  CHECK_FAILS(c, ML_ERROR, "sqlite_open: the query is empty", read_query("  -- nothing"));
  snprintf(expected, sizeof expected, "sqlite_open: near \"selct\": syntax error, in the query for %s", scratch);
  CHECK_FAILS(c, ML_ERROR, expected, read_query("selct 1"));
  CHECK_FAILS(c, ML_ERROR, "sqlite_open: columns 1 and 2 are both called 'a'; name one of them: select a as another_name", read_query("select 1 as a, 2 as a"));
}

static void test_what_can_not_be_read_is_named(void) {
  ml_table t = {0};
  char expected[300];
  snprintf(expected, sizeof expected, "%s: row 1, column 'photo': holds a BLOB, which no column can hold; leave it out by columns = {...}, or select hex(photo)", scratch);
  CHECK_FAILS(c, ML_BAD_DATA, expected, read_query("select photo from people"));
  snprintf(expected, sizeof expected, "%s: row 1, column 'x': holds a text that is no valid UTF-8; leave it out by columns = {...}, or select hex(x)", scratch);
  CHECK_FAILS(c, ML_BAD_DATA, expected, read_query("select cast(x'ff' as text) as x"));
  snprintf(expected, sizeof expected, "%s: has no table 'person' that can be read (no such table: person); its tables are people, heavy", scratch);
  CHECK_FAILS(c, ML_BAD_DATA, expected, read_from(&(ml_sqlite_source){.table = "person"}, &plainly, &t));
  record_wish wish = {"name", 4, true, ML_COLUMN_NUMBER};
  snprintf(expected, sizeof expected, "%s: row 1, column 'name': found 'Ada', expected a number", scratch);
  CHECK_FAILS(c, ML_BAD_DATA, expected, read_from(&(ml_sqlite_source){.query = "select name from people"}, &(record_options){.wishes = &wish, .wish_count = 1}, &t));
  ml_table_free(&t);
}

static void test_a_locked_database_is_an_error(void) {
  sqlite3 *db;
  sqlite3_open(scratch, &db);
  sqlite3_exec(db, "begin exclusive", NULL, NULL, NULL);
  char expected[200]; /* the library keeps the second file open until the first is closed, some bytes with it */
  snprintf(expected, sizeof expected, "%s: is locked: another program is writing into it; try again when that is done", scratch);
  CHECK_FAILS(c, ML_BAD_DATA, expected, read_by_two());
  sqlite3_close(db);
  CHECK_OK(c, read_by_two());
}

/* A query that would run for ever. */
static void test_an_interrupt_stops_a_long_query(void) {
  ml_interrupt_set(true);
  CHECK_INT(read_query("with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"), ML_INTERRUPTED);
  ml_interrupt_set(false);
}

static void test_damaged_databases(void) {
  put_file("not a database, but long enough to be one", 41);
  fails_with(read_by_two, "is no SQLite database, or an encrypted one");
  make_database(people);
  FILE *f = fopen(scratch, "rb");
  static unsigned char data[1 << 16];
  bytes b = {0};
  add(&b, data, fread(data, 1, sizeof data, f));
  fclose(f);
  for (size_t at = 0; at < b.count; at += at < 200 ? 1 : 61) {
    unsigned char before = b.data[at];
    b.data[at] ^= 0xff;
    put_file(b.data, b.count);
    ml_status status = read_by_two();
    check_record(status == ML_OK || status == ML_BAD_DATA || status == ML_ERROR, __FILE__, __LINE__, "byte %zu: status %d, %s", at, (int)status, c->message);
    b.data[at] = before;
  }
  for (size_t n = 1; n < b.count; n += 97) {
    put_file(b.data, n);
    ml_status status = read_by_two();
    check_record(status == ML_BAD_DATA || status == ML_ERROR, __FILE__, __LINE__, "cut after %zu: status %d", n, (int)status);
  }
  put_file(b.data, b.count - 1);
  fails_with(read_by_two, "is cut short: its 8191 bytes are no whole number of pages of 4096; fetch it again");
  put_file(b.data, b.count);
  CHECK_OK(c, read_by_two());
  free_bytes(&b);
}

/* The library keeps some memory between calls; what counts is that it does not grow. */
static void test_failing_allocations_leave_nothing(void) {
  CHECK_OK(c, read_by_two());
  size_t live = ml_alloc_statistics().live;
  for (uint64_t n = 1;; n++) {
    ml_alloc_fail_at(n, true);
    ml_status status = read_by_two();
    ml_alloc_fail_at(0, false);
    CHECK_INT(ml_alloc_statistics().live, live);
    if (status == ML_OK) break;
    check_record(status == ML_OUT_OF_MEMORY, __FILE__, __LINE__, "allocation %d: status %d, %s", (int)n, (int)status, c->message);
  }
}

int main(void) {
  if (!scratch_make()) return 1;
  put_file("", 0);
  read_query("select 1"); /* configures the library before the tests use it */
  test_types_are_those_of_all_values();
  test_queries_take_parameters();
  test_only_select_is_allowed();
  test_what_can_not_be_read_is_named();
  test_a_locked_database_is_an_error();
  test_an_interrupt_stops_a_long_query();
  test_failing_allocations_leave_nothing();
  test_damaged_databases();
  unlink(scratch);
  return check_report();
}
