/* Completion of globals, kept locals, keywords, fields and methods.
 *
 * Names are looked up raw, and through metatables whose __index is a table. A metatable whose __index is a function
 * (those of tensors and of the library's modules) may list what it answers to in a table __names, keyed by name. */

#include "repl/complete.h"

#include <stdbool.h>
#include <string.h>

#include "lauxlib.h"
#include "repl/lazy.h"
#include "repl/session.h"
#include "vm/modules.h"
#include "vm/ordered.h"

static const char matches_key = 0;

static const char *const keywords[] = {"and",      "break",  "do",   "else", "elseif", "end",   "false", "for",
                                       "function", "goto",   "if",   "in",   "local",  "nil",   "not",   "or",
                                       "repeat",   "return", "then", "true", "until",  "while", NULL};

typedef struct completion {
  lua_State *L;
  const char *path; /* what stands before the word: "ml.nn." */
  size_t path_size;
  const char *word;
  size_t word_size;
  bool methods; /* after a colon */
  int found;    /* stack index of the table of matches */
} completion;

static void add(completion *c, const char *name) {
  if (strncmp(name, c->word, c->word_size) != 0) return;
  if (c->word_size == 0 && name[0] == '_') return; /* not offered unasked */
  lua_pushlstring(c->L, c->path, c->path_size);
  lua_pushstring(c->L, name);
  lua_concat(c->L, 2);
  lua_pushboolean(c->L, 1);
  lua_rawset(c->L, c->found);
}

static bool is_name(const char *s) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
  return *s && strspn(s, letters) == strlen(s) && !(*s >= '0' && *s <= '9');
}

/* The keys of the table at the top that are names. */
static void add_keys(completion *c) {
  lua_State *L = c->L;
  for (lua_pushnil(L); lua_next(L, -2);) {
    bool fits = !c->methods || lua_type(L, -1) == LUA_TFUNCTION || lua_type(L, -1) == LUA_TBOOLEAN;
    lua_pop(L, 1);
    if (fits && lua_type(L, -1) == LUA_TSTRING && is_name(lua_tostring(L, -1))) add(c, lua_tostring(L, -1));
  }
}

/* Replaces the value at the top by its metatable's raw field, if that is a table; else pops it and returns false. */
static bool to_metafield(lua_State *L, const char *field) {
  if (!lua_getmetatable(L, -1)) {
    lua_pop(L, 1);
    return false;
  }
  lua_pushstring(L, field);
  lua_rawget(L, -2);
  lua_replace(L, -3);
  lua_pop(L, 1);
  if (lua_istable(L, -1)) return true;
  lua_pop(L, 1);
  return false;
}

/* Is the value at the top the library's own table? Its submodules appear in it when they are touched. */
static bool is_library(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_getfield(L, -1, "moonlab");
  bool library = lua_rawequal(L, -1, -3);
  lua_pop(L, 2);
  return library;
}

static void add_submodules(completion *c) {
  for (const vm_module *m = vm_modules; m->name; m++)
    if (strncmp(m->name, "moonlab.", 8) == 0 && is_name(m->name + 8)) add(c, m->name + 8);
}

/* Pushes the library's submodule, loaded if need be. */
static bool push_submodule(lua_State *L, const char *name) {
  lua_getglobal(L, "require");
  lua_pushfstring(L, "moonlab.%s", name);
  if (lua_pcall(L, 1, 1, 0) == LUA_OK) return true;
  lua_pop(L, 1);
  return false;
}

/* What the value at the top answers to. Pops it. */
static void add_fields(completion *c) {
  lua_State *L = c->L;
  if (is_library(L)) add_submodules(c);
  for (int depth = 0; depth < 16; depth++) {
    if (lua_istable(L, -1)) add_keys(c);
    lua_pushvalue(L, -1);
    if (to_metafield(L, "__methods")) {
      add_keys(c);
      lua_pop(L, 1);
    }
    if (!to_metafield(L, "__index")) return;
  }
  lua_pop(L, 1);
}

/* Replaces the value at the top by its field, without calling anything. */
static bool to_field(lua_State *L, const char *name, size_t size) {
  for (int depth = 0; depth < 16; depth++) {
    if (lua_istable(L, -1)) {
      lua_pushlstring(L, name, size);
      if (lua_rawget(L, -2) != LUA_TNIL) {
        lua_replace(L, -2);
        return true;
      }
      lua_pop(L, 1);
    }
    if (!to_metafield(L, "__index")) return false;
  }
  lua_pop(L, 1);
  return false;
}

/* Pushes what a name at the beginning of a path means. */
static bool push_root(lua_State *L, const char *name) {
  if (session_push_local(L, name)) return true;
  lua_pushglobaltable(L);
  lua_pushstring(L, name);
  lua_rawget(L, -2);
  lua_remove(L, -2);
  if (!lua_isnil(L, -1)) return true;
  lua_pop(L, 1);
  return lazy_push(L, name);
}

/* Pushes the value of "a.b.c." */
static bool push_path(lua_State *L, const char *path, size_t size) {
  const char *end = path + size, *part = path;
  for (bool first = true; part < end; first = false) {
    size_t n = strcspn(part, ".:");
    luaL_checkstack(L, 8, NULL);
    lua_pushlstring(L, part, n);
    const char *name = lua_tostring(L, -1);
    if (first) {
      if (!push_root(L, name)) return false;
    } else {
      lua_pushvalue(L, -2);
      bool library = is_library(L);
      if (!to_field(L, name, n) && !(library && push_submodule(L, name))) return false;
    }
    part += n + 1;
  }
  return size > 0;
}

static void add_roots(completion *c) {
  lua_State *L = c->L;
  for (const char *const *k = keywords; *k; k++) add(c, *k);
  for (const char *const *name = lazy_names; *name; name++) add(c, *name);
  session_push_names(L);
  add_keys(c);
  lua_pop(L, 1);
  lua_pushglobaltable(L);
  add_keys(c);
  lua_pop(L, 1);
}

static int find(lua_State *L) {
  const char *text = lua_tostring(L, 1);
  completion c = {.L = L, .path = text, .word = text};
  for (const char *p = text; *p; p++)
    if (*p == '.' || *p == ':') c.word = p + 1;
  c.path_size = (size_t)(c.word - text);
  c.word_size = strlen(c.word);
  c.methods = c.path_size > 0 && c.word[-1] == ':';
  lua_newtable(L);
  c.found = lua_gettop(L);
  if (c.path_size == 0)
    add_roots(&c);
  else if (push_path(L, c.path, c.path_size))
    add_fields(&c);
  ordered_keys(L, c.found);
  return 1;
}

void complete_find(lua_State *L, const char *text) {
  lua_pushcfunction(L, find);
  lua_pushstring(L, text);
  if (lua_pcall(L, 1, 1, 0) != LUA_OK) {
    lua_pop(L, 1);
    lua_pushnil(L);
  }
  lua_rawsetp(L, LUA_REGISTRYINDEX, &matches_key);
}

const char *complete_match(lua_State *L, int i) {
  const char *match = NULL;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &matches_key) == LUA_TTABLE) {
    lua_rawgeti(L, -1, i);
    match = lua_tostring(L, -1); /* the list keeps it */
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return match;
}
