/* Definition levels. See parquet_levels.h. A value is there where the level is the column's highest. */

#include "table/parquet_levels.h"

#include <string.h>

static int bits(int highest) { return 32 - __builtin_clz((unsigned)highest); }

void parquet_levels_begin(parquet_levels *l, parquet_page *p) {
  *l = (parquet_levels){.page = p};
  if (p->column->max_level > 0) parquet_runs_begin(&l->runs, p->levels, p->levels_end, bits(p->column->max_level));
}

/* The first bit of a value is the highest, and of a byte as well. The page's bytes are as many as the levels need. */
static void next_packed(parquet_levels *l, int64_t n, uint32_t *out) {
  for (int64_t i = 0; i < n; i++) {
    out[i] = 0;
    for (int k = 0; k < l->runs.width; k++, l->bit++)
      out[i] = out[i] << 1 | (l->page->levels[l->bit >> 3] >> (7 - (l->bit & 7)) & 1);
  }
}

static int64_t fail(parquet_levels *l, const char *what) {
  parquet_problem(l->page, "its definition levels %s", what);
  return -1;
}

static void mark(parquet_levels *l, int64_t n, int64_t count, const uint8_t *present) {
  parquet_page *p = l->page;
  uint8_t *to = p->missing ? p->missing + p->at + l->rows : NULL;
  l->rows += n;
  p->absent += n - count;
  if (!to || count == n) return;
  for (int64_t i = 0; i < n; i++) to[i] = !present[i];
}

/* Levels of one bit are the marks. */
static int64_t tell_flags(parquet_levels *l, int64_t n, uint8_t *present) {
  int64_t count = 0;
  uint8_t any = 0;
  if (!parquet_runs_flags(&l->runs, present, n)) return fail(l, "are cut short");
  for (int64_t i = 0; i < n; i++) {
    any |= present[i];
    count += present[i];
  }
  return any > 1 ? fail(l, "are too large") : count;
}

/* Levels of n rows where they are not one run. */
static int64_t tell(parquet_levels *l, int64_t n, uint8_t *present) {
  uint32_t level[PARQUET_BLOCK], highest = (uint32_t)l->page->column->max_level;
  int64_t count = 0;
  bool wrong = false;
  if (l->page->header.level_encoding == PARQUET_BIT_PACKED)
    next_packed(l, n, level);
  else if (!parquet_runs_next(&l->runs, level, n))
    return fail(l, "are cut short");
  for (int64_t i = 0; i < n; i++) {
    wrong |= level[i] > highest;
    present[i] = level[i] == highest;
    count += present[i];
  }
  return wrong ? fail(l, "are too large") : count;
}

int64_t parquet_levels_next(parquet_levels *l, int64_t n, uint8_t *present) {
  uint32_t value = 0, highest = (uint32_t)l->page->column->max_level;
  int64_t alike = 0, count = n;
  if (highest == 0) return n;
  if (l->page->header.level_encoding != PARQUET_BIT_PACKED) alike = parquet_runs_repeated(&l->runs, n, &value);
  if (value > highest) return fail(l, "are too large");
  bool there = value == highest;
  if (alike < n || !there) {
    memset(present, there, (size_t)alike);
    count = there ? alike : 0;
  }
  if (alike < n) {
    bool flags = highest == 1 && l->page->header.level_encoding != PARQUET_BIT_PACKED;
    int64_t others = flags ? tell_flags(l, n - alike, present + alike) : tell(l, n - alike, present + alike);
    if (others < 0) return others;
    count += others;
  }
  mark(l, n, count, present);
  return count;
}
