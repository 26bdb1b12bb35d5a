/* What this machine has, as far as it decides how Moonlab works: one line each, "ok" or "--" and what to do. */

#include "repl/doctor.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "repl/options.h"
#include "repl/reader.h"
#include "tensor/cpu.h"
#include "tensor/parallel.h"
#include "vm/status.h"
#include "vm/terminal.h"

static bool line(bool ok, const char *what, const char *text) {
  printf("%s  %-12s %s\n", ok ? "ok" : "--", what, text);
  return ok;
}

static bool has_library(const char *name) {
  void *library = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
  if (library) dlclose(library);
  return library != NULL;
}

int doctor_main(void) {
  char text[64];
  options_print_version();
  line(true, "kernels", ml_isa_name(ml_cpu_isa()));
  snprintf(text, sizeof text, "%d of %ld processors", ml_threads(), sysconf(_SC_NPROCESSORS_ONLN));
  line(true, "threads", text);
  bool blas = has_library("libopenblas.so.0");
  line(blas, "OpenBLAS",
       blas ? "libopenblas.so.0" : "not found: apt-get install libopenblas0-pthread (linear algebra needs it)");
  bool data = access("/usr/share/datasets/fashion-mnist", R_OK) == 0;
  line(data, "data", data ? "Fashion-MNIST" : "Fashion-MNIST not found: apt-get install dataset-fashion-mnist");
  line(true, "terminal", terminal_dumb() ? "dumb" : terminal_utf8() ? "UTF-8" : "ASCII (the locale is not UTF-8)");
  line(true, "editing", reader_name());
  return STATUS_OK;
}
