/* The words of columns of text: whatever the bytes, pieces joined are the text; a failing allocation leaves nothing behind. */

#include "table/text.h"
#include "tensor/alloc.h"
#include "tests/c/check.h"

static ml_context context;

static ml_status split(const char *text, int64_t length, ml_word_rule rule, ml_table *t, ml_tensor **ends) {
  int64_t end = length;
  ml_text_rows x = {.bytes = text, .ends = &end, .rows = 1};
  *ends = NULL;
  ML_TRY(ml_table_init(&context, 1, t));
  return ml_text_words(&context, &x, rule, 1, t->column, ends);
}

static void test_pieces_of_any_bytes_joined_are_the_text(void) {
  uint64_t state = 88172645463325252u;
  static const char some[] = " \n\ta_Z9.-\x80\xC3\xFF";
  for (int round = 0; round < 500; round++) {
    char text[24];
    int64_t length = round % 24;
    for (int64_t i = 0; i < length; i++) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      text[i] = some[(state >> 33) % (sizeof some - 1)];
    }
    for (ml_word_rule rule = ML_WORDS_LETTERS; rule <= ML_WORDS_PIECES; rule++) {
      ml_table t = {0};
      ml_tensor *ends;
      CHECK_INT(split(text, length, rule, &t, &ends), ML_OK);
      int64_t bytes = ml_count(t.column->bytes);
      if (rule >= ML_WORDS_CHARACTERS) CHECK(bytes == length && memcmp(ml_data(t.column->bytes), text, (size_t)length) == 0);
      CHECK(bytes <= length);
      CHECK_INT(ml_i64(ends)[0], ml_count(t.column->ends));
      ml_release(ends);
      ml_table_free(&t);
    }
  }
}

static void test_a_failing_allocation_leaves_nothing_behind(void) {
  bool failed = true;
  for (uint64_t n = 1; failed; n++) {
    ml_table t = {0};
    ml_tensor *ends = NULL;
    ml_alloc_fail_at(n, true);
    ml_status status = split("to be or not", 12, ML_WORDS_BLANKS, &t, &ends);
    ml_alloc_fail_at(0, false);
    failed = status != ML_OK;
    if (failed) CHECK_INT(status, ML_OUT_OF_MEMORY);
    else CHECK_INT(ml_count(t.column->ends), 4);
    ml_release(ends);
    ml_table_free(&t);
  }
}

int main(void) {
  test_pieces_of_any_bytes_joined_are_the_text();
  test_a_failing_allocation_leaves_nothing_behind();
  return check_report();
}
