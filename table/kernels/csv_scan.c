/* Finding separators, quotes and newlines. See csv_scan.h.
 *
 * 64 bytes become bit masks. Quotes toggle: the exclusive or of all quote bits up to a byte says whether it is in quotes (Langdale
 * and Lemire, "Parsing gigabytes of JSON per second", 2019). That is only right while each quote that opens stands behind a
 * separator and each that closes before one, which is checked; where it is not so, the exact splitter takes over. */

#include "table/kernels/csv_scan.h"

#include "tensor/kernels/isa.h"
#include "tensor/kernels/vec.h"

enum { WORD = 64 };

/* Bit i: byte i is `byte`. */
#if defined(__AVX512BW__)
ML_VEC_INLINE uint64_t equal_mask(const char *p, char byte) {
  return _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(p), _mm512_set1_epi8(byte));
}
ML_VEC_INLINE uint64_t high_mask(const char *p) { return _mm512_movepi8_mask(_mm512_loadu_si512(p)); }
#elif defined(__AVX2__)
ML_VEC_INLINE uint32_t equal_32(const char *p, char byte) {
  return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)p), _mm256_set1_epi8(byte)));
}
ML_VEC_INLINE uint64_t equal_mask(const char *p, char byte) { return equal_32(p, byte) | (uint64_t)equal_32(p + 32, byte) << 32; }
ML_VEC_INLINE uint64_t high_mask(const char *p) {
  uint64_t low = (uint32_t)_mm256_movemask_epi8(_mm256_loadu_si256((const __m256i *)p));
  return low | (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_loadu_si256((const __m256i *)(p + 32))) << 32;
}
#else
/* Eight bytes at a time: their highest bits, gathered by a multiplication. */
ML_VEC_INLINE uint64_t gather_high(uint64_t v) { return ((v >> 7 & 0x0101010101010101u) * 0x0102040810204080u) >> 56; }
ML_VEC_INLINE uint64_t word_at(const char *p) {
  uint64_t v;
  memcpy(&v, p, 8);
  return v;
}
ML_VEC_INLINE uint64_t equal_mask(const char *p, char byte) {
  uint64_t mask = 0, low = 0x7f7f7f7f7f7f7f7fu, pattern = 0x0101010101010101u * (uint8_t)byte;
  for (int i = 0; i < 8; i++) {
    uint64_t v = word_at(p + 8 * i) ^ pattern;
    mask |= gather_high(~(((v & low) + low) | v | low)) << (8 * i);
  }
  return mask;
}
ML_VEC_INLINE uint64_t high_mask(const char *p) {
  uint64_t mask = 0;
  for (int i = 0; i < 8; i++) mask |= gather_high(word_at(p + 8 * i)) << (8 * i);
  return mask;
}
#endif

/* Bit i: how many of the bits 0..i are set, odd or even. */
ML_VEC_INLINE uint64_t running_parity(uint64_t m) {
  for (int shift = 1; shift < WORD; shift *= 2) m ^= m << shift;
  return m;
}

/* The bits of the bytes of a word at `at` that lie in begin .. end. */
ML_VEC_INLINE uint64_t in_range(uint32_t at, uint32_t begin, uint32_t end) {
  uint64_t m = ~(uint64_t)0;
  if (at < begin) m &= m << (begin - at);
  if (end - at < WORD) m &= ((uint64_t)1 << (end - at)) - 1;
  return m;
}

static bool quotes_are_odd(const char *text, uint32_t begin, uint32_t end, char quote) {
  uint64_t all = 0;
  for (uint32_t at = begin & ~(uint32_t)(WORD - 1); at < end; at += WORD)
    all ^= equal_mask(text + at, quote) & in_range(at, begin, end);
  return __builtin_parityll(all);
}

/* What a word of text hands on to the next. */
typedef struct carry {
  uint64_t inside;  /* all bits: in quotes */
  uint64_t follows; /* 1: the last byte was a separator or a quote that closes */
  uint64_t closed;  /* 1: it was a quote that closes */
} carry;

/* Behind a quote that closes a carriage return may stand, before a newline. */
static bool is_line_end(const char *text, uint32_t at, char newline) {
  return newline == '\n' && text[at] == '\r' && text[at + 1] == '\n';
}

static bool only_line_ends(const char *text, uint32_t at, uint64_t mask, char newline) {
  for (; mask; mask &= mask - 1) {
    if (!is_line_end(text, at + (uint32_t)__builtin_ctzll(mask), newline)) return false;
  }
  return true;
}

/* Takes the separators in quotes out of `ends`; false where a quote stands wrong. */
ML_VEC_INLINE bool leave_out_quoted(csv_scan *s, uint32_t at, uint64_t quotes, uint64_t valid, uint64_t *ends, carry *c) {
  uint64_t inside = running_parity(quotes) ^ c->inside, closing = quotes & ~inside;
  *ends &= ~inside;
  uint64_t follows = (*ends | closing) << 1 | c->follows, after = (closing << 1 | c->closed) & valid;
  uint64_t junk = after & ~(*ends | quotes);
  bool right = !(quotes & inside & ~follows) && (!junk || only_line_ends(s->cursor.text, at, junk, s->newline));
  c->inside = (uint64_t)((int64_t)inside >> 63);
  c->follows = (*ends | closing) >> 63;
  c->closed = closing >> 63;
  return right;
}

/* The position of each end into the index, and the rows closed. */
ML_VEC_INLINE void put_ends(csv_scan *s, csv_cursor *k, uint32_t at, uint64_t ends, uint64_t newlines) {
  for (; ends; ends &= ends - 1) {
    uint32_t position = at + (uint32_t)__builtin_ctzll(ends);
    *k->next++ = position;
    if (newlines & ends & -ends) {
      if (k->next - k->row == k->fields + 1 && k->fields > 1) { /* nearly always */
        k->row += k->fields + 1;
        k->rows++;
        k->row[0] = position;
        k->next = k->row + 1;
      } else {
        csv_end_row(k, position);
      }
      s->stop = position + 1;
    }
  }
}

/* The same while there is room for another row, however few fields it has; false: there is none. */
static bool put_some(csv_scan *s, csv_cursor *k, uint32_t at, uint64_t ends, uint64_t newlines) {
  for (; ends; ends &= ends - 1) {
    if (k->limit - k->next < k->fields + 2) return false;
    put_ends(s, k, at, ends & -ends, newlines);
  }
  return true;
}

/* Entries that a word of text may write: each row that ends in it is filled up with the fields that it lacks. */
ML_VEC_INLINE int64_t most_entries(const csv_cursor *k, uint64_t newlines) {
  return WORD + (__builtin_popcountll(newlines) + 1) * ((int64_t)k->fields + 1);
}

static void scan(csv_scan *s) {
  csv_cursor k = s->cursor;
  carry c = {.follows = 1};
  bool right = true;
  uint64_t high = 0, zeros = 0;
  uint32_t begin = s->begin, end = s->end, at = begin & ~(uint32_t)(WORD - 1);
  c.follows = (uint64_t)1 << (begin - at); /* the first byte follows a newline */
  s->stop = begin;
  s->full = false;
  s->lines = 0;
  csv_begin_rows(&k, begin);
  for (; at < end; at += WORD) {
    const char *p = k.text + at;
    uint64_t valid = in_range(at, begin, end);
    uint64_t newlines = equal_mask(p, s->newline) & valid, ends = (equal_mask(p, s->separator) & valid) | newlines;
    uint64_t quotes = s->quote ? equal_mask(p, s->quote) & valid : 0;
    high |= high_mask(p) & valid;
    zeros |= equal_mask(p, 0) & valid;
    s->lines += __builtin_popcountll(newlines);
    if (quotes | c.inside | c.closed) {
      right = leave_out_quoted(s, at, quotes, valid, &ends, &c) && right;
    } else {
      c.follows = ends >> 63;
    }
    if (k.limit - k.next >= most_entries(&k, newlines & ends)) {
      put_ends(s, &k, at, ends, newlines);
    } else if (!put_some(s, &k, at, ends, newlines)) {
      s->full = true;
      break;
    }
  }
  s->cursor = k;
  s->inside = c.inside != 0;
  s->odd = !right;
  s->has_high = high != 0;
  s->has_zero = zeros != 0;
}

ML_ISA_DECLARE(csv_kernel, csv_kernels, [1]);
const csv_kernel ML_ISA_SYMBOL(csv_kernels)[1] = {{quotes_are_odd, scan}};
