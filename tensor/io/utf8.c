/* UTF-8. See utf8.h. */

#include "tensor/io/utf8.h"

#include <stdint.h>
#include <string.h>

size_t ml_utf8_length(const unsigned char *p, size_t n) {
  if (p[0] < 0x80) return 1;
  size_t length = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
  if (p[0] < 0xc2 || p[0] > 0xf4 || length > n) return 0;
  for (size_t i = 1; i < length; i++)
    if ((p[i] & 0xc0) != 0x80) return 0;
  if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f)) return 0;
  if ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f)) return 0;
  return length;
}

size_t ml_utf8_valid(const char *text, size_t n) {
  size_t i = 0;
  while (i < n) {
    uint64_t eight; /* most text is ASCII */
    while (i + 8 <= n && (memcpy(&eight, text + i, 8), (eight & 0x8080808080808080u) == 0)) i += 8;
    if (i == n) break;
    size_t length = ml_utf8_length((const unsigned char *)text + i, n - i);
    if (length == 0) return i;
    i += length;
  }
  return n;
}
