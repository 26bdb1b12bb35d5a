/* Mutations of small pictures, always the same ones, are read or refused. */

#include "tests/fuzz/driver.h"
#include "tests/fuzz/picture.c"

int main(void) {
  fuzz_corpus("tests/fuzz/corpus/picture", 400);
  return check_report();
}
