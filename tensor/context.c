/* Contexts and their messages. */

#include "tensor/context.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void ml_context_init(ml_context *c) {
  memset(c, 0, sizeof *c);
  c->grad_enabled = true;
  c->next_sequence = 1;
}

ml_status ml_fail_as(ml_context *c, ml_status status, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(c->message, sizeof c->message, format, args);
  va_end(args);
  return status;
}

ml_status ml_fail(ml_context *c, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(c->message, sizeof c->message, format, args);
  va_end(args);
  return ML_ERROR;
}

void ml_message_add(ml_context *c, const char *format, ...) {
  size_t used = strlen(c->message);
  va_list args;
  va_start(args, format);
  vsnprintf(c->message + used, sizeof c->message - used, format, args);
  va_end(args);
}
