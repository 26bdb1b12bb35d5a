/* Any bytes as JSON Lines; bad lines are errors, or collected if the first byte is odd. What can be read is written and read again. */

#include "table/jsonl.h"
#include "tests/fuzz/target.h"

static ml_status read_jsonl(ml_context *c, const char *path) {
  ml_jsonl *r;
  ml_table t = {0};
  bool any = true;
  FILE *f = fopen(path, "rb");
  record_options o = {.collect = f && fgetc(f) % 2};
  if (f) fclose(f);
  ML_TRY(ml_jsonl_open(c, path, &o, &r));
  ml_status status = ML_OK;
  while (status == ML_OK && any) {
    status = ml_jsonl_read(c, r, 3, &t, &any);
    ml_table_free(&t);
  }
  ml_jsonl_close(r);
  return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, read_jsonl); }
