/* Loads OpenBLAS. It reads OPENBLAS_NUM_THREADS and OPENBLAS_CORETYPE when it is loaded; where the user has not set
 * them, they are set for that moment: one thread, since the pool cuts the work, and kernels chosen by what the processor
 * can do rather than by its name. 0.3.21 does not know newer processors: for AMD's with AVX-512 it takes its Haswell
 * kernels, at half the speed, for some of Intel's those of 2004 (Prescott), at a third. */

#include "tensor/blas.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
  pthread_once_t once;
  void *library;
  char name[128];
} blas = {.once = PTHREAD_ONCE_INIT, .name = "none"};

/* OpenBLAS's name for the kernels of this processor; NULL: let it choose. */
static const char *kernels(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    return "SKYLAKEX";
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "HASWELL";
#endif
  return NULL;
}

/* Sets a variable for the time of loading, unless the user has set it. */
static bool lend(const char *name, const char *value) { return getenv(name) == NULL && setenv(name, value, 1) == 0; }

/* dlsym gives an object pointer; POSIX says that it may be used as a function's. */
static ml_blas_function find(void *library, const char *name) {
  void *found = dlsym(library, name);
  ml_blas_function function;
  memcpy(&function, &found, sizeof found);
  return function;
}

/* "OpenBLAS 0.3.21 SkylakeX" */
static void describe(void *library, const char *file) {
  char *(*config)(void) = (char *(*)(void))find(library, "openblas_get_config");
  char *(*core)(void) = (char *(*)(void))find(library, "openblas_get_corename");
  char version[64] = "";
  if (config != NULL && sscanf(config(), "OpenBLAS %63s", version) == 1)
    snprintf(blas.name, sizeof blas.name, "OpenBLAS %s %s", version, core != NULL ? core() : "");
  else
    snprintf(blas.name, sizeof blas.name, "%s", file);
}

static void load(void) {
  static const char *const files[] = {"libopenblas.so.0", "libopenblas.so", "libblas.so.3"};
  const char *choice = getenv("MOONLAB_BLAS");
  if (choice != NULL && strcmp(choice, "none") == 0) return;
  bool threads = lend("OPENBLAS_NUM_THREADS", "1");
  bool core = kernels() != NULL && lend("OPENBLAS_CORETYPE", kernels());
  for (size_t i = 0; i < sizeof files / sizeof *files && blas.library == NULL; i++) {
    void *library = dlopen(files[i], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) continue;
    if (find(library, "cblas_dgemm") != NULL) {
      blas.library = library;
      describe(library, files[i]);
    } else {
      dlclose(library);
    }
  }
  if (threads) unsetenv("OPENBLAS_NUM_THREADS"); /* child processes keep what the user set, not what we did */
  if (core) unsetenv("OPENBLAS_CORETYPE");
}

bool ml_blas_load(void) {
  pthread_once(&blas.once, load);
  return blas.library != NULL;
}

ml_blas_function ml_blas_find(const char *name) { return ml_blas_load() ? find(blas.library, name) : NULL; }

const char *ml_blas_name(void) {
  (void)ml_blas_load();
  return blas.name;
}
