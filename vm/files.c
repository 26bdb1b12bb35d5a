/* Files and folders for the Lua library. Failures are nil and "path: No space left on device". */

#include "vm/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lauxlib.h"
#include "tensor/io/file.h"

static int failed(lua_State *L, const char *path, int error) {
  lua_pushnil(L);
  lua_pushfstring(L, "%s: %s", path, strerror(error));
  return 2;
}

static int done(lua_State *L, const char *path, int error) {
  if (error) return failed(L, path, error);
  lua_pushboolean(L, 1);
  return 1;
}

bool files_read(lua_State *L, const char *path) {
  struct stat info;
  size_t size = stat(path, &info) == 0 && S_ISREG(info.st_mode) ? (size_t)info.st_size : 0;
  luaL_Buffer b;
  char *text = luaL_buffinitsize(L, &b, size); /* before anything is open: it may raise */
  ml_context c;
  ml_context_init(&c);
  ml_file file;
  ml_status status = ml_file_open(&c, path, &file);
  if (status == ML_OK) {
    if ((size_t)file.size < size) size = (size_t)file.size;
    status = ml_file_read(&c, &file, 0, text, size);
    ml_file_close(&file);
  }
  luaL_pushresultsize(&b, status == ML_OK ? size : 0);
  if (status == ML_OK) return true;
  lua_pushstring(L, c.message);
  lua_remove(L, -2);
  return false;
}

/* Returns 0 or the error. */
static int write_all(int fd, const char *text, size_t size) {
  while (size > 0) {
    ssize_t n = write(fd, text, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    text += n;
    size -= (size_t)n;
  }
  return 0;
}

/* Writes what `path` names as its folder into `folder`; the part after the last slash is cut off. */
static int folder_of(const char *path, char *folder) {
  const char *slash = strrchr(path, '/');
  size_t n = slash ? (size_t)(slash - path) : 1;
  if (slash == path) n = 1;
  if (n >= PATH_MAX) return ENAMETOOLONG;
  memcpy(folder, slash ? path : ".", n);
  folder[n] = '\0';
  return 0;
}

/* Some file systems can't sync a folder (EINVAL): then there is nothing to be had. */
static int sync_folder(const char *folder) {
  int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno;
  int error = fsync(fd) == 0 || errno == EINVAL ? 0 : errno;
  close(fd);
  return error;
}

/* A line is there as a whole or not at all: what a full disk has cut off is taken back. */
static int append_line(const char *path, const char *line, size_t size) {
  struct stat info;
  int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (fd < 0) return errno;
  int error = fstat(fd, &info) == 0 ? 0 : errno;
  if (!error) {
    error = write_all(fd, line, size);
    if (error && S_ISREG(info.st_mode) && ftruncate(fd, info.st_size) != 0) error = errno;
  }
  if (close(fd) != 0 && !error) error = errno;
  return error;
}

/* Makes a folder and, with `parents`, those above it; one that is there is an error only without `parents`. */
static int make_folder(const char *path, bool parents) {
  if (mkdir(path, 0777) == 0) return 0;
  int error = errno;
  struct stat info;
  if (!parents) return error;
  if (error == EEXIST) return stat(path, &info) == 0 && S_ISDIR(info.st_mode) ? 0 : EEXIST;
  char above[PATH_MAX];
  if (error != ENOENT || folder_of(path, above) != 0 || strcmp(above, path) == 0) return error;
  error = make_folder(above, true);
  if (error) return error;
  return mkdir(path, 0777) == 0 || errno == EEXIST ? 0 : errno;
}

/* Removes a file, or a folder with all that is in it. Links are removed, never followed. */
static int remove_tree_at(int folder, const char *name) {
  if (unlinkat(folder, name, 0) == 0) return 0;
  if (errno != EISDIR && errno != EPERM) return errno;
  int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return errno;
  DIR *stream = fdopendir(fd);
  if (!stream) {
    int error = errno;
    close(fd);
    return error;
  }
  int error = 0;
  for (struct dirent *e; !error && (e = readdir(stream));)
    if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) error = remove_tree_at(fd, e->d_name);
  closedir(stream);
  if (!error && unlinkat(folder, name, AT_REMOVEDIR) != 0) error = errno;
  return error;
}

/* The functions that Lua sees ----------------------------------------------------------------------------------------
 */

/* mkdir(path [, parents]) */
static int l_mkdir(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  return done(L, path, make_folder(path, lua_toboolean(L, 2)));
}

/* exists(path) -> "file", "directory", "other" or false */
static int l_exists(lua_State *L) {
  struct stat info;
  if (stat(luaL_checkstring(L, 1), &info) != 0)
    lua_pushboolean(L, 0);
  else
    lua_pushstring(L, S_ISREG(info.st_mode) ? "file" : S_ISDIR(info.st_mode) ? "directory" : "other");
  return 1;
}

/* size(path) -> bytes */
static int l_size(lua_State *L) {
  struct stat info;
  const char *path = luaL_checkstring(L, 1);
  if (stat(path, &info) != 0) return failed(L, path, errno);
  lua_pushinteger(L, info.st_size);
  return 1;
}

static int close_folder(lua_State *L) {
  DIR **stream = lua_touserdata(L, 1);
  if (*stream) closedir(*stream);
  *stream = NULL;
  return 0;
}

static int by_bytes(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* Sorts the strings 1..n of the table at the top bytewise, whatever the locale: file systems give names in any order.
 */
static void sort_names(lua_State *L, lua_Integer n) {
  const char **names = lua_newuserdatauv(L, (size_t)(n + 1) * sizeof *names, 0);
  lua_createtable(L, (int)n, 0); /* keeps the strings alive while they change places */
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, -3, i);
    names[i - 1] = lua_tostring(L, -1);
    lua_rawseti(L, -2, i);
  }
  qsort(names, (size_t)n, sizeof *names, by_bytes);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_pushstring(L, names[i - 1]);
    lua_rawseti(L, -4, i);
  }
  lua_pop(L, 2);
}

/* listdir(path) -> {names, sorted by bytes, without "." and ".."} */
static int l_listdir(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  DIR **stream = lua_newuserdatauv(L, sizeof *stream, 0);
  *stream = NULL;
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, close_folder);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  *stream = opendir(path);
  if (!*stream) return failed(L, path, errno);
  lua_Integer n = 0;
  lua_newtable(L);
  for (struct dirent *e; (e = readdir(*stream));) {
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
    lua_pushstring(L, e->d_name);
    lua_rawseti(L, -2, ++n);
  }
  closedir(*stream);
  *stream = NULL;
  sort_names(L, n);
  return 1;
}

/* remove_tree(path); what is not there is removed */
static int l_remove_tree(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int error = remove_tree_at(AT_FDCWD, path);
  return done(L, path, error == ENOENT ? 0 : error);
}

static int release(lua_State *L) {
  int *fd = lua_touserdata(L, 1);
  if (*fd >= 0) close(*fd);
  *fd = -1;
  return 0;
}

/* lock_folder(path) -> what keeps it from other processes until it is closed or collected, or the process ends however it does; nil where another
 * one holds it, or "path: No such file or directory". Where a file system knows no locks, nobody is kept out. */
static int l_lock_folder(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int *fd = lua_newuserdatauv(L, sizeof *fd, 0);
  *fd = -1;
  lua_createtable(L, 0, 2);
  lua_pushcfunction(L, release);
  lua_setfield(L, -2, "__gc");
  lua_pushcfunction(L, release);
  lua_setfield(L, -2, "__close");
  lua_setmetatable(L, -2);
  *fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (*fd < 0) return failed(L, path, errno);
  if (flock(*fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return 1;
  lua_pushnil(L);
  return 1;
}

/* temporary_folder(prefix) -> path of a new folder of one's own beside where prefix points, to be renamed or removed */
static int l_temporary_folder(lua_State *L) {
  char path[PATH_MAX];
  const char *prefix = luaL_checkstring(L, 1);
  if (snprintf(path, sizeof path, "%s.XXXXXX", prefix) >= (int)sizeof path) return failed(L, prefix, ENAMETOOLONG);
  if (!mkdtemp(path)) return failed(L, prefix, errno);
  lua_pushstring(L, path);
  return 1;
}

static int l_realpath(lua_State *L) {
  char resolved[PATH_MAX];
  const char *path = luaL_checkstring(L, 1);
  if (!realpath(path, resolved)) return failed(L, path, errno);
  lua_pushstring(L, resolved);
  return 1;
}

/* read(path) -> text of a regular file */
static int l_read(lua_State *L) {
  if (files_read(L, luaL_checkstring(L, 1))) return 1;
  lua_pushnil(L);
  lua_insert(L, -2);
  return 2;
}

typedef struct text {
  const char *bytes;
  size_t size;
} text;

static ml_status write_text(ml_context *c, ml_sink *sink, void *arg) {
  const text *t = arg;
  return ml_sink_write(c, sink, t->bytes, t->size);
}

/* write_atomic(path, text): the old file or the new one, whatever fails */
static int l_write_atomic(lua_State *L) {
  text t;
  const char *path = luaL_checkstring(L, 1);
  t.bytes = luaL_checklstring(L, 2, &t.size);
  ml_context c;
  ml_context_init(&c);
  if (ml_file_write_atomic(&c, path, write_text, &t) == ML_OK) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, c.message);
  return 2;
}

/* append_line(path, line); the newline is added */
static int l_append_line(lua_State *L) {
  size_t size;
  const char *path = luaL_checkstring(L, 1);
  luaL_checkstring(L, 2);
  lua_settop(L, 2);
  lua_pushliteral(L, "\n");
  lua_concat(L, 2);
  const char *line = lua_tolstring(L, -1, &size);
  return done(L, path, append_line(path, line, size));
}

/* sync_folder(path): what was renamed in it survives a power cut */
static int l_sync_folder(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  return done(L, path, sync_folder(path));
}

void files_register(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"mkdir", l_mkdir},
      {"exists", l_exists},
      {"size", l_size},
      {"listdir", l_listdir},
      {"remove_tree", l_remove_tree},
      {"lock_folder", l_lock_folder},
      {"temporary_folder", l_temporary_folder},
      {"realpath", l_realpath},
      {"read", l_read},
      {"write_atomic", l_write_atomic},
      {"append_line", l_append_line},
      {"sync_folder", l_sync_folder},
      {NULL, NULL},
  };
  luaL_setfuncs(L, functions, 0);
}
