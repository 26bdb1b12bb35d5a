#include "media/exif.h"

#include <stdbool.h>

enum { HEADER = 8, ENTRY = 12, TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3 };

typedef struct tiff {
  const uint8_t *data;
  size_t size;
  bool big; /* the byte order */
} tiff;

/* The caller has checked that the bytes are there. */
static uint32_t number(const tiff *t, size_t at, int bytes) {
  uint32_t v = 0;
  for (int i = 0; i < bytes; i++) v = v << 8 | t->data[at + (size_t)(t->big ? i : bytes - 1 - i)];
  return v;
}

/* The orientation that an entry of the directory names, 0 if it is another tag. */
static int orientation_of(const tiff *t, size_t entry) {
  if (number(t, entry, 2) != TAG_ORIENTATION || number(t, entry + 2, 2) != TYPE_SHORT) return 0;
  return (int)number(t, entry + 8, 2);
}

int ml_exif_orientation(const uint8_t *data, size_t size) {
  tiff t = {data, size, size > 0 && data[0] == 'M'};
  if (size < HEADER || data[0] != data[1] || (data[0] != 'I' && data[0] != 'M') || number(&t, 2, 2) != 42) return 1;
  size_t directory = number(&t, 4, 4);
  if (directory > size - 2) return 1;
  size_t room = (size - directory - 2) / ENTRY, count = number(&t, directory, 2);
  for (size_t i = 0; i < count && i < room; i++) {
    int orientation = orientation_of(&t, directory + 2 + i * ENTRY);
    if (orientation > 0) return orientation <= 8 ? orientation : 1;
  }
  return 1;
}
