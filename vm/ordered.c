/* Tables in order, for recipes and for printing.
 *
 * Stock next follows the hash, which depends on the seed of the state and on addresses: a recipe's columns or
 * parameters would change places from run to run. The keys are sorted once, when a traversal starts; what is removed
 * meanwhile is skipped, what is added (which stock Lua forbids) is not seen. */

#include "vm/ordered.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lauxlib.h"

typedef struct ordered_key {
  enum { KEY_NUMBER, KEY_STRING, KEY_OTHER } kind;
  bool is_integer;
  lua_Integer integer;
  lua_Number number;
  const char *string; /* owned by the list of keys */
  size_t size;
  lua_Integer place; /* in the order of stock next: 1.. */
} ordered_key;

/* An integer against a float, exactly: past 2^53 a conversion would make neighbours equal. */
static int compare_mixed(lua_Integer i, lua_Number n) {
  if (n >= 9223372036854775808.0) return -1;
  if (n < -9223372036854775808.0) return 1;
  lua_Integer whole = (lua_Integer)n; /* towards zero */
  if (i != whole) return i < whole ? -1 : 1;
  lua_Number rest = n - (lua_Number)whole;
  return (rest < 0) - (rest > 0);
}

static int compare_numbers(const ordered_key *a, const ordered_key *b) {
  if (a->is_integer && b->is_integer) return (a->integer > b->integer) - (a->integer < b->integer);
  if (a->is_integer) return compare_mixed(a->integer, b->number);
  if (b->is_integer) return -compare_mixed(b->integer, a->number);
  return (a->number > b->number) - (a->number < b->number);
}

static int compare(const void *x, const void *y) {
  const ordered_key *a = x, *b = y;
  int order = (int)a->kind - (int)b->kind;
  if (order == 0 && a->kind == KEY_NUMBER) order = compare_numbers(a, b);
  if (order == 0 && a->kind == KEY_STRING) {
    order = memcmp(a->string, b->string, a->size < b->size ? a->size : b->size);
    if (order == 0) order = (a->size > b->size) - (a->size < b->size);
  }
  return order ? order : (a->place > b->place) - (a->place < b->place);
}

static ordered_key key_of(lua_State *L, int index, lua_Integer place) {
  ordered_key key = {.kind = KEY_OTHER, .place = place};
  if (lua_type(L, index) == LUA_TNUMBER) {
    key.kind = KEY_NUMBER;
    key.is_integer = lua_isinteger(L, index);
    if (key.is_integer)
      key.integer = lua_tointeger(L, index);
    else
      key.number = lua_tonumber(L, index);
  } else if (lua_type(L, index) == LUA_TSTRING) {
    key.kind = KEY_STRING;
    key.string = lua_tolstring(L, index, &key.size);
  }
  return key;
}

lua_Integer ordered_keys(lua_State *L, int index) {
  lua_Integer n = 0;
  index = lua_absindex(L, index);
  luaL_checkstack(L, 6, NULL);
  lua_newtable(L); /* the keys as they come */
  int unsorted = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, index);) {
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_rawseti(L, unsorted, ++n);
  }
  ordered_key *keys = lua_newuserdatauv(L, (size_t)(n + 1) * sizeof *keys, 0);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, unsorted, i);
    keys[i - 1] = key_of(L, -1, i);
    lua_pop(L, 1);
  }
  qsort(keys, (size_t)n, sizeof *keys, compare);
  lua_createtable(L, (int)n, 0);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, unsorted, keys[i - 1].place);
    lua_rawseti(L, -2, i);
  }
  lua_replace(L, unsorted);
  lua_settop(L, unsorted);
  return n;
}

/* Upvalues: the keys, how many have been visited. */
static int step(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  for (lua_Integer i = lua_tointeger(L, lua_upvalueindex(2)) + 1;; i++) {
    if (lua_rawgeti(L, lua_upvalueindex(1), i) == LUA_TNIL) return 1;
    lua_pushvalue(L, -1);
    if (lua_rawget(L, 1) != LUA_TNIL) {
      lua_pushinteger(L, i);
      lua_replace(L, lua_upvalueindex(2));
      return 2;
    }
    lua_pop(L, 2);
  }
}

int ordered_pairs(lua_State *L) {
  luaL_checkany(L, 1);
  if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
    lua_pushvalue(L, 1);
    lua_call(L, 1, 3);
    return 3;
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  ordered_keys(L, 1);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, step, 2);
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}

/* Pushes the weak map from a table to the keys of its running traversal by next; [0] of these is the last position. */
static void push_traversals(lua_State *L) {
  static const char registry_key = 0;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &registry_key) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &registry_key);
}

/* Table and key at 1 and 2, the traversals at 3. Pushes new keys, with [0] where the key at 2 stands. */
static void start_traversal(lua_State *L) {
  lua_Integer n = ordered_keys(L, 1), at = 0;
  if (!lua_isnil(L, 2)) {
    bool found = false;
    for (at = 1; at <= n && !found; at += !found) {
      lua_rawgeti(L, -1, at);
      found = lua_rawequal(L, -1, 2);
      lua_pop(L, 1);
    }
    if (!found) luaL_error(L, "invalid key to 'next'");
  }
  lua_pushinteger(L, at);
  lua_rawseti(L, -2, 0);
  lua_pushvalue(L, 1);
  lua_pushvalue(L, -2);
  lua_rawset(L, 3);
}

/* Is the keys table at the top the traversal that has just returned the key at 2? */
static bool goes_on(lua_State *L) {
  if (lua_isnil(L, 2) || !lua_istable(L, -1)) return false;
  lua_rawgeti(L, -1, 0);
  lua_rawgeti(L, -2, lua_tointeger(L, -1));
  bool same = lua_rawequal(L, -1, 2);
  lua_pop(L, 2);
  return same;
}

int ordered_next(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  push_traversals(L);
  lua_pushvalue(L, 1);
  lua_rawget(L, 3);
  if (!goes_on(L)) {
    lua_pop(L, 1);
    start_traversal(L);
  }
  lua_rawgeti(L, 4, 0);
  for (lua_Integer i = lua_tointeger(L, -1) + 1;; i++) {
    lua_settop(L, 4);
    if (lua_rawgeti(L, 4, i) == LUA_TNIL) return 1;
    lua_pushvalue(L, -1);
    if (lua_rawget(L, 1) == LUA_TNIL) continue;
    lua_pushinteger(L, i);
    lua_rawseti(L, 4, 0);
    return 2;
  }
}
