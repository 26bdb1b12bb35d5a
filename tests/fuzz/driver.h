/* Runs a fuzz target without a fuzzer: over its corpus, and over the corpus with mutations from a fixed seed. A C test includes the
 * target and this; a broken promise ends the program. */
#ifndef FUZZ_DRIVER_H
#define FUZZ_DRIVER_H

#include <dirent.h>
#include <string.h>

#include "tests/c/check.h"
#include "tests/fuzz/target.h"

enum { FUZZ_LONGEST = 1 << 16 };

static uint64_t fuzz_random(uint64_t *state) {
  *state += 0x9e3779b97f4a7c15u;
  uint64_t z = *state;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

/* A few changes: bytes and bits, numbers that are often wrong, pieces taken out, doubled or moved, the end cut. */
static size_t fuzz_mutate(uint8_t *data, size_t size, uint64_t *state) {
  static const uint8_t odd[] = {0, 1, 0x7f, 0x80, 0xff, '"', '{', ',', '\n', '-', '9', '\\'};
  for (uint64_t k = fuzz_random(state) % 4 + 1; k > 0 && size > 0; k--) {
    size_t at = fuzz_random(state) % size, from = fuzz_random(state) % size, n = fuzz_random(state) % 9 + 1;
    if (n > size - at) n = size - at;
    if (n > size - from) n = size - from;
    switch (fuzz_random(state) % 7) {
    case 0: data[at] ^= (uint8_t)(1 << fuzz_random(state) % 8); break;
    case 1: data[at] = (uint8_t)fuzz_random(state); break;
    case 2: data[at] = odd[fuzz_random(state) % sizeof odd]; break;
    case 3: memmove(data + at, data + from, n); break;
    case 4: memset(data + at, fuzz_random(state) % 2 ? 0xff : 0, n); break;
    case 5:
      memmove(data + at, data + at + n, size - at - n);
      size -= n;
      break;
    default:
      if (fuzz_random(state) % 4 == 0) size = at;
      if (size + n > FUZZ_LONGEST || at + n > size) break;
      memmove(data + at + n, data + at, size - at);
      size += n;
    }
  }
  return size;
}

/* Each file of the folder as it is and `rounds` times mutated. */
__attribute__((unused)) static void fuzz_corpus(const char *folder, int rounds) {
  static uint8_t plain[FUZZ_LONGEST], changed[2 * FUZZ_LONGEST];
  struct dirent **list;
  int count = scandir(folder, &list, NULL, alphasort), files = 0;
  for (int i = 0; i < count; i++) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, list[i]->d_name);
    FILE *f = list[i]->d_name[0] == '.' ? NULL : fopen(path, "rb");
    free(list[i]);
    if (!f) continue;
    size_t size = fread(plain, 1, sizeof plain, f);
    fclose(f);
    LLVMFuzzerTestOneInput(plain, size);
    for (int k = 0; k < rounds; k++) {
      uint64_t state = (uint64_t)k << 32 | (uint64_t)files;
      memcpy(changed, plain, size);
      LLVMFuzzerTestOneInput(changed, fuzz_mutate(changed, size, &state));
    }
    files++;
  }
  if (count >= 0) free(list);
  check_record(files > 0, __FILE__, __LINE__, "%s: no corpus (run in the root of the repository)", folder);
}

#endif
