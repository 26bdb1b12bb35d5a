/* Files, whole and safe. See file.h.
 *
 * Saving follows the order that survives a power cut: write the temporary file, fsync it, close it, rename it over the
 * old one, fsync the folder. After a failed fsync the kernel may have dropped the pages, so that trying fsync again
 * proves nothing: the temporary file is given up and the caller starts from memory. */

#include "tensor/io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tensor/alloc.h"
#include "tensor/parallel.h"

enum {
  READ_PIECE = 4 << 20, /* between two looks at the interrupt flag: some milliseconds from a slow disk */
  SINK_SIZE = 1 << 16,
  PATH_SHOWN = 1000,
  TEMPORARY_TRIES = 100,
};

static uint64_t fail_at[ML_FILE_STEPS];
static int fail_with[ML_FILE_STEPS];

void ml_file_fail_at(ml_file_step step, uint64_t n, int error) {
  fail_at[step] = n;
  fail_with[step] = error;
}

static bool step_fails(ml_file_step step) {
  if (fail_at[step] == 0 || --fail_at[step] > 0) return false;
  errno = fail_with[step];
  return true;
}

ml_status ml_file_fail(ml_context *c, const char *path, const char *format, ...) {
  char text[ML_MESSAGE_SIZE - PATH_SHOWN - 8];
  va_list list;
  va_start(list, format);
  vsnprintf(text, sizeof text, format, list);
  va_end(list);
  size_t length = strlen(path);
  if (length > PATH_SHOWN) return ml_fail_as(c, ML_BAD_DATA, "...%s: %s", path + length - PATH_SHOWN, text);
  return ml_fail_as(c, ML_BAD_DATA, "%s: %s", path, text);
}

/* Reading ---------------------------------------------------------------------------------------------------------- */

static int open_file(const char *path, int flags, mode_t mode) {
  if (step_fails(ML_FILE_OPEN)) return -1;
  int fd;
  do fd = open(path, flags | O_CLOEXEC, mode);
  while (fd < 0 && errno == EINTR);
  return fd;
}

static ml_status check_regular(ml_context *c, const char *path, const struct stat *s) {
  if (S_ISREG(s->st_mode)) return ML_OK;
  return ml_file_fail(c, path, S_ISDIR(s->st_mode) ? "is a folder, not a file" : "is not a regular file");
}

ml_status ml_file_open(ml_context *c, const char *path, ml_file *out) {
  *out = (ml_file){.fd = -1, .path = path};
  /* O_NONBLOCK: opening a pipe must not wait for somebody to write into it. */
  int fd = open_file(path, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0);
  if (fd < 0) return ml_file_fail(c, path, "can't be opened: %s", strerror(errno));
  struct stat s;
  ml_status status = ML_OK;
  if (fstat(fd, &s) != 0) status = ml_file_fail(c, path, "can't be read: %s", strerror(errno));
  if (status == ML_OK) status = check_regular(c, path, &s);
  if (status != ML_OK) {
    close(fd);
    return status;
  }
  out->fd = fd;
  out->size = s.st_size;
  return ML_OK;
}

ml_status ml_file_read(ml_context *c, const ml_file *f, int64_t offset, void *to, size_t bytes) {
  char *at = to;
  while (bytes > 0) {
    if (ml_interrupted()) return ml_fail_as(c, ML_INTERRUPTED, "interrupted while reading %.*s", PATH_SHOWN, f->path);
    size_t piece = bytes < READ_PIECE ? bytes : READ_PIECE;
    ssize_t got = step_fails(ML_FILE_READ) ? -1 : pread(f->fd, at, piece, offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ml_file_fail(c, f->path, "can't be read: %s", strerror(errno));
    if (got == 0) return ml_file_fail(c, f->path, "became shorter while it was being read");
    at += got;
    offset += got;
    bytes -= (size_t)got;
  }
  return ML_OK;
}

void ml_file_close(ml_file *f) {
  if (f->fd >= 0) close(f->fd);
  f->fd = -1;
}

/* Writing ---------------------------------------------------------------------------------------------------------- */

struct ml_sink {
  int fd;
  const char *path; /* as the user gave it, for messages */
  size_t used;
  char buffer[SINK_SIZE];
};

static ml_status write_failed(ml_context *c, const char *path) {
  return ml_file_fail(c, path, "can't be written: %s", strerror(errno));
}

static ml_status write_out(ml_context *c, ml_sink *sink, const char *data, size_t bytes) {
  while (bytes > 0) {
    ssize_t done = step_fails(ML_FILE_WRITE) ? -1 : write(sink->fd, data, bytes);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return write_failed(c, sink->path);
    data += done;
    bytes -= (size_t)done;
  }
  return ML_OK;
}

static ml_status sink_flush(ml_context *c, ml_sink *sink) {
  size_t used = sink->used;
  sink->used = 0;
  return write_out(c, sink, sink->buffer, used);
}

ml_status ml_sink_write(ml_context *c, ml_sink *sink, const void *data, size_t bytes) {
  if (bytes > SINK_SIZE - sink->used) ML_TRY(sink_flush(c, sink));
  if (bytes > SINK_SIZE) return write_out(c, sink, data, bytes);
  if (bytes > 0) memcpy(sink->buffer + sink->used, data, bytes);
  sink->used += bytes;
  return ML_OK;
}

static int sync_file(int fd) { return step_fails(ML_FILE_FSYNC) ? -1 : fsync(fd); }

ml_status ml_file_create(ml_context *c, const char *path, ml_file *out) {
  *out = (ml_file){.fd = -1, .path = path};
  int fd = open_file(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_NONBLOCK, 0666);
  if (fd < 0) return write_failed(c, path);
  struct stat s;
  ml_status status = fstat(fd, &s) != 0 ? write_failed(c, path) : check_regular(c, path, &s);
  if (status != ML_OK) {
    close(fd);
    return status;
  }
  out->fd = fd;
  return ML_OK;
}

ml_status ml_file_write(ml_context *c, ml_file *f, int64_t offset, const void *from, size_t bytes) {
  const char *at = from;
  while (bytes > 0) {
    if (ml_interrupted()) return ml_fail_as(c, ML_INTERRUPTED, "interrupted while writing %.*s", PATH_SHOWN, f->path);
    size_t piece = bytes < READ_PIECE ? bytes : READ_PIECE;
    ssize_t done = step_fails(ML_FILE_WRITE) ? -1 : pwrite(f->fd, at, piece, offset);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return write_failed(c, f->path);
    at += done;
    offset += done;
    bytes -= (size_t)done;
    if (offset > f->size) f->size = offset;
  }
  return ML_OK;
}

ml_status ml_file_sync(ml_context *c, const ml_file *f) { return sync_file(f->fd) == 0 ? ML_OK : write_failed(c, f->path); }

/* Where the bytes go: the file behind a symbolic link, so that the link stays. mode: that of the file replaced. */
static ml_status find_target(ml_context *c, const char *path, char target[PATH_MAX], mode_t *mode) {
  *mode = 0;
  if (strlen(path) >= PATH_MAX - 32) return ml_file_fail(c, path, "can't be written: the path is too long");
  if (path[0] == '\0' || path[strlen(path) - 1] == '/') return ml_file_fail(c, path, "does not name a file");
  if (!realpath(path, target)) {
    strcpy(target, path);
    return ML_OK; /* a new file, or a folder that is not there: opening will tell */
  }
  if (strlen(target) >= PATH_MAX - 32) return ml_file_fail(c, path, "can't be written: the path is too long");
  struct stat s;
  if (stat(target, &s) != 0) return write_failed(c, path);
  ML_TRY(check_regular(c, path, &s));
  *mode = s.st_mode & 0777;
  return ML_OK;
}

/* Opens a new file beside target under a name that nothing has yet. */
static ml_status open_temporary(ml_context *c, const char *path, const char *target, char temporary[PATH_MAX],
                                int *fd) {
  for (int i = 0; i < TEMPORARY_TRIES; i++) {
    snprintf(temporary, PATH_MAX, "%.*s.%ld-%d.part", PATH_MAX - 32, target, (long)getpid(), i);
    *fd = open_file(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0666);
    if (*fd >= 0) return ML_OK;
    if (errno != EEXIST) break;
  }
  if (errno == ENOENT) return ml_file_fail(c, path, "can't be written: its folder does not exist");
  return write_failed(c, path);
}

static ml_status open_folder(ml_context *c, const char *path, const char *target, int *fd) {
  char folder[PATH_MAX];
  strcpy(folder, target);
  char *slash = strrchr(folder, '/');
  if (!slash)
    strcpy(folder, ".");
  else
    slash[slash == folder ? 1 : 0] = '\0';
  *fd = open_file(folder, O_RDONLY | O_DIRECTORY, 0);
  return *fd >= 0 ? ML_OK : write_failed(c, path);
}

/* Fills the temporary file and puts its bytes on the disk. Closes fd in any case. */
static ml_status fill(ml_context *c, const char *path, int fd, mode_t mode, ml_file_writer writer, void *arg) {
  ml_sink sink = {.fd = fd, .path = path};
  ml_status status = writer(c, &sink, arg);
  if (status == ML_OK) status = sink_flush(c, &sink);
  if (status == ML_OK && mode != 0 && fchmod(fd, mode) != 0) status = write_failed(c, path);
  if (status == ML_OK && sync_file(fd) != 0) status = write_failed(c, path);
  bool close_fails = step_fails(ML_FILE_CLOSE);
  int error = errno;
  if (close(fd) != 0) {
    close_fails = true;
    error = errno;
  }
  if (status != ML_OK || !close_fails) return status;
  errno = error;
  return write_failed(c, path);
}

ml_status ml_file_write_atomic(ml_context *c, const char *path, ml_file_writer writer, void *arg) {
  char target[PATH_MAX], temporary[PATH_MAX];
  mode_t mode;
  int folder, fd;
  ML_TRY(find_target(c, path, target, &mode));
  ML_TRY(open_temporary(c, path, target, temporary, &fd));
  ml_status status = fill(c, path, fd, mode, writer, arg);
  if (status != ML_OK) {
    unlink(temporary);
    return status;
  }
  /* Opened before the rename: a failure here still leaves the old file. */
  status = open_folder(c, path, target, &folder);
  if (status == ML_OK && (step_fails(ML_FILE_RENAME) || rename(temporary, target) != 0)) status = write_failed(c, path);
  if (status != ML_OK) {
    unlink(temporary);
    if (folder >= 0) close(folder);
    return status;
  }
  if (sync_file(folder) != 0 && errno != EINVAL) /* EINVAL: a file system without it */
    status = ml_file_fail(c, path,
                          "was written, but its folder can't be synced (%s): a power cut may bring the old one back",
                          strerror(errno));
  close(folder);
  return status;
}
