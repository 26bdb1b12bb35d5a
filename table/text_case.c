/* Small and capital letters of UTF-8, in place: only letters whose two cases have as many bytes are changed. See text.h. */

#include "table/text.h"

#include "tensor/parallel.h"

enum { TWO_BYTES = 0x800 }; /* code points below it have at most two bytes */

/* Capitals first..last have their small letters `step` behind them; step 0: small and capital letters take turns. */
typedef struct range {
  uint16_t first, last, step;
} range;

static const range ranges[] = {
    {0x00C0, 0x00D6, 32}, {0x00D8, 0x00DE, 32}, {0x0100, 0x012F, 0},  {0x0132, 0x0137, 0},  {0x0139, 0x0148, 0},
    {0x014A, 0x0177, 0},  {0x0179, 0x017E, 0},  {0x0386, 0x0386, 38}, {0x0388, 0x038A, 37}, {0x038C, 0x038C, 64},
    {0x038E, 0x038F, 63}, {0x0391, 0x03A1, 32}, {0x03A3, 0x03AB, 32}, {0x0400, 0x040F, 80}, {0x0410, 0x042F, 32},
    {0x0460, 0x0481, 0},  {0x048A, 0x04BF, 0},  {0x04C1, 0x04CE, 0},  {0x04D0, 0x052F, 0},  {0x0531, 0x0556, 48},
};

static uint16_t lower_of[TWO_BYTES], upper_of[TWO_BYTES];

static void pair(unsigned capital, unsigned small) {
  lower_of[capital] = (uint16_t)small;
  upper_of[small] = (uint16_t)capital;
}

/* Before the pool sees the tables; the same values again do no harm. */
static void make_tables(void) {
  if (lower_of['A'] == 'a') return;
  for (unsigned code = 0; code < TWO_BYTES; code++) lower_of[code] = upper_of[code] = (uint16_t)code;
  for (size_t r = 0; r < sizeof ranges / sizeof *ranges; r++) {
    unsigned by = ranges[r].step > 0 ? 1 : 2, step = ranges[r].step > 0 ? ranges[r].step : 1;
    for (unsigned code = ranges[r].first; code <= ranges[r].last; code += by) pair(code, code + step);
  }
  pair(0x178, 0xFF);
  pair(0x3CF, 0x3D7);
  pair(0x4C0, 0x4CF);
  upper_of[0xB5] = 0x39C;  /* the micro sign */
  upper_of[0x3C2] = 0x3A3; /* sigma at the end of a word */
  for (unsigned code = 'A'; code <= 'Z'; code++) pair(code, code + 32);
}

typedef struct casing {
  const unsigned char *from;
  unsigned char *to;
  const uint16_t *table;
  int64_t n;
} casing;

static bool continues(unsigned char byte) { return (byte & 0xC0) == 0x80; }

/* A character belongs to the piece in which it begins; its second byte may lie behind the end. */
static void change_case(void *arg, int64_t begin, int64_t end) {
  const casing *a = arg;
  if (begin > 0 && continues(a->from[begin]) && a->from[begin - 1] >= 0xC2 && a->from[begin - 1] < 0xE0) begin++;
  for (int64_t i = begin; i < end; i++) {
    unsigned byte = a->from[i];
    if (byte < 0x80) a->to[i] = (unsigned char)a->table[byte];
    else if (byte >= 0xC2 && byte < 0xE0 && i + 1 < a->n && continues(a->from[i + 1])) {
      unsigned code = a->table[(byte & 0x1F) << 6 | (a->from[i + 1] & 0x3F)];
      a->to[i] = (unsigned char)(0xC0 | code >> 6);
      a->to[++i] = (unsigned char)(0x80 | (code & 0x3F));
    } else a->to[i] = (unsigned char)byte;
  }
}

ml_status ml_text_case(ml_context *c, const ml_tensor *bytes, bool upper, ml_tensor **out) {
  make_tables();
  ML_TRY(ml_empty(c, &bytes->shape, ML_UINT8, out));
  casing a = {ml_data(bytes), ml_data(*out), upper ? upper_of : lower_of, ml_count(bytes)};
  return ml_parallel_for(c, a.n, 1 << 18, change_case, &a);
}
