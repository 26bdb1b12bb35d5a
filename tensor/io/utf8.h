/* UTF-8 as the Unicode standard has it: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
#ifndef ML_UTF8_H
#define ML_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the sequence at p, of which n > 0 bytes are left; 0 if it is none. */
size_t ml_utf8_length(const unsigned char *p, size_t n);
/* How many bytes from the beginning on are valid: n if all are. */
size_t ml_utf8_valid(const char *text, size_t n);

#endif
