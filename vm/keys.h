/* Single keys from the terminal. */
#ifndef VM_KEYS_H
#define VM_KEYS_H

#include <lua.h>

/* read_key() -> the next key that is pressed on stdin, without Enter and without being shown: a character of UTF-8, or an escape
 * sequence ("\27[D"). nil at the end of the input; nil, "interrupted" after ^C. Where stdin is no terminal its characters are taken
 * one by one, line ends left out. */
int keys_read(lua_State *L);

#endif
