/* Safetensors files written by PyTorch's own library load, what is saved loads again, and a wrong header is an error.
 *
 * Run in the root of the repository. With a path as its argument the file that test_saving writes is kept there, for
 * tests/fixtures/make_safetensors_fixture.py to check. */

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "tensor/alloc.h"
#include "tests/c/whole_file.h"
#include "tensor/io/file.h"
#include "tensor/io/json_reader.h"
#include "tensor/io/safetensors.h"
#include "tensor/parallel.h"
#include "tests/fuzz/driver.h"
#include "tests/fuzz/safetensors.c"
#include "tests/c/check.h"

static const char fixture[] = "tests/fixtures/safetensors.bin";

static ml_context context;
static char scratch[] = "/tmp/moonlab-test-safetensors-XXXXXX";

static ml_text text_of(const char *text) { return (ml_text){text, strlen(text)}; }

static ml_tensor *find(const ml_safetensors *s, const char *name) {
  for (int64_t i = 0; i < s->count; i++)
    if (s->tensors[i].name.length == strlen(name) && strcmp(s->tensors[i].name.text, name) == 0)
      return s->tensors[i].tensor;
  check_record(false, __FILE__, __LINE__, "no tensor is called %s", name);
  return NULL;
}

/* The element at position i (C order) as a number. */
static double at(const ml_tensor *x, int i) {
  switch ((ml_dtype)x->dtype) {
  case ML_BOOL:
  case ML_UINT8: return ((uint8_t *)ml_data(x))[i];
  case ML_INT32: return ((int32_t *)ml_data(x))[i];
  case ML_INT64: return (double)ml_i64(x)[i];
  case ML_FLOAT32: return (double)ml_f32(x)[i];
  default: return ml_f64(x)[i];
  }
}

static void check_tensor(const ml_safetensors *s, const char *name, ml_dtype dtype, const char *shape, int count,
                         const double *value) {
  const ml_tensor *x = find(s, name);
  if (!x) return;
  CHECK_INT(x->dtype, dtype);
  CHECK_TEXT(ML_SHAPE(&x->shape), shape);
  CHECK_INT(ml_count(x), count);
  for (int i = 0; i < count && i < ml_count(x); i++)
    check_record(at(x, i) == value[i] && signbit(at(x, i)) == signbit(value[i]), __FILE__, __LINE__,
                 "%s[%d]: got %.17g, expected %.17g", name, i, at(x, i), value[i]);
}
#define CHECK_TENSOR(s, name, dtype, shape, ...)                                                                       \
  check_tensor(s, name, dtype, shape, sizeof((double[]){__VA_ARGS__}) / sizeof(double), (double[]){__VA_ARGS__})

/* Loading ---------------------------------------------------------------------------------------------------------- */

static void test_a_file_of_the_reference_loads(void) {
  ml_safetensors s;
  CHECK_OK(&context, ml_safetensors_load(&context, fixture, &s));
  CHECK_INT(s.count, 11);
  CHECK_TENSOR(&s, "f32", ML_FLOAT32, "[2, 3]", 0.5, -1.25, (double)3e38f, (double)1e-45f, 7, -0.0);
  CHECK_TENSOR(&s, "f64", ML_FLOAT64, "[2]", 0.1, -1e300);
  CHECK_TENSOR(&s, "i64", ML_INT64, "[2, 1]", 1, -4611686018427387904.0);
  CHECK_TENSOR(&s, "i32", ML_INT32, "[2]", 2147483647, -2147483648.0);
  CHECK_TENSOR(&s, "u8", ML_UINT8, "[3]", 0, 1, 255);
  CHECK_TENSOR(&s, "bool", ML_BOOL, "[3]", 1, 0, 1);
  CHECK_TENSOR(&s, "f16", ML_FLOAT32, "[10]", 0, -0.0, 1, -2.5, 65504, 6.103515625e-05, 5.9604644775390625e-08,
               (double)INFINITY, (double)-INFINITY, 0.333251953125);
  CHECK_TENSOR(&s, "bf16", ML_FLOAT32, "[4]", 1, -3.140625, 3.3895313892515355e38, (double)INFINITY);
  CHECK_TENSOR(&s, "scalar", ML_FLOAT32, "[]", 42);
  CHECK_TENSOR(&s, "n\xc3\xa4me \"quoted\"\n\xf0\x9f\x98\x80", ML_FLOAT32, "[1]", 9);
  const ml_tensor *empty = find(&s, "empty");
  if (empty) CHECK_TEXT(ML_SHAPE(&empty->shape), "[0, 3]");
  CHECK_INT(s.metadata_count, 2);
  for (int64_t i = 0; i < s.metadata_count; i++) {
    bool note = strcmp(s.metadata[i].key.text, "note") == 0;
    CHECK_TEXT(s.metadata[i].key.text, note ? "note" : "format");
    CHECK_TEXT(s.metadata[i].value.text, note ? "t\xc3\xa4st" : "pt");
  }
  ml_safetensors_free(&s);
}

/* A file of this header and so many zero bytes behind it. */
static void put_file(uint64_t length, const char *header, size_t header_bytes, size_t data_bytes) {
  FILE *f = fopen(scratch, "wb");
  fwrite(&length, 1, 8, f);
  fwrite(header, 1, header_bytes, f);
  for (size_t i = 0; i < data_bytes; i++) fputc(0, f);
  fclose(f);
}

static ml_status load_status(void) {
  ml_safetensors s;
  ml_status status = ml_safetensors_load(&context, scratch, &s);
  ml_safetensors_free(&s);
  return status;
}

/* NULL: it loads. */
static void check_header(const char *header, size_t data_bytes, const char *message) {
  char expected[600];
  put_file(strlen(header), header, strlen(header), data_bytes);
  snprintf(expected, sizeof expected, "%s: %s", scratch, message ? message : "");
  if (message)
    CHECK_FAILS(&context, ML_BAD_DATA, expected, load_status());
  else
    CHECK_OK(&context, load_status());
}

static void test_headers_that_are_right_load(void) {
  check_header("{}", 0, NULL);
  check_header(" { } \n\t\r ", 0, NULL);
  check_header("{\"__metadata__\":{}}", 0, NULL);
  check_header("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}   ", 8, NULL);
  check_header("{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", 4, NULL);
  check_header("{\"a\":{\"dtype\":\"U8\",\"shape\":[2,0],\"data_offsets\":[0,0]}}", 0, NULL);
  /* members that nobody knows, and names that are not UTF-8 */
  check_header("{\"a\":{\"x\":[{},null,-1.5e3,\"\\u0041\"],\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1,
               NULL);
  check_header("{\"\xff\xfe\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1, NULL);
  /* the order of the header is not that of the bytes */
  check_header("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]},"
               "\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
               2, NULL);
}

static void test_headers_that_are_wrong_are_named(void) {
  check_header("", 0, "has a damaged header: expected '{' at byte 8");
  check_header("[]", 0, "has a damaged header: expected '{' at byte 8");
  check_header("{", 0, "has a damaged header: expected a string at byte 9");
  check_header("{}x", 0, "has a damaged header: text behind the end at byte 10");
  check_header("{\"a\"}", 0, "has a damaged header: expected ':' at byte 12");
  check_header("{\"a\":1}", 0, "has a damaged header: expected '{' at byte 13");
  check_header("{\"a", 0, "has a damaged header: a string without an end at byte 11");
  check_header("{\"a\\", 0, "has a damaged header: a string without an end at byte 12");
  check_header("{\"\\q\":1}", 0, "has a damaged header: an unknown escape at byte 12");
  check_header("{\"\\u12g4\":1}", 0, "has a damaged header: \\u needs four hexadecimal digits at byte 12");
  check_header("{\"\\ud800x\":1}", 0, "has a damaged header: half of a surrogate pair at byte 16");
  check_header("{\"\\udc00\":1}", 0, "has a damaged header: a low surrogate without a high one at byte 16");
  check_header("{\"a\n\":1}", 0, "has a damaged header: a control character inside a string at byte 11");
  check_header("{\"a\":{}}", 0, "has a damaged header: a tensor without dtype at byte 15");
  check_header("{\"a\":{\"dtype\":\"U8\"}}", 0, "has a damaged header: a tensor without shape at byte 27");
  check_header("{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1,
               "has a damaged header: a tensor without data_offsets at byte 39");
  check_header("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}", 0, "has a damaged header: two dtypes at byte 35");
  check_header("{\"a\":{\"shape\":[1],\"shape\":[1]}}", 0, "has a damaged header: two shapes at byte 34");
  check_header("{\"a\":{\"shape\":[-1]}}", 0,
               "has a damaged header: expected an integer that is not negative at byte 23");
  check_header("{\"a\":{\"shape\":[1.5]}}", 0, "has a damaged header: expected an integer at byte 24");
  check_header("{\"a\":{\"shape\":[01]}}", 0, "has a damaged header: a number that begins with 0 at byte 25");
  check_header("{\"a\":{\"shape\":[9223372036854775808]}}", 0,
               "has a damaged header: an integer beyond 64 bits at byte 41");
  check_header("{\"a\":{\"shape\":[1,]}}", 0,
               "has a damaged header: expected an integer that is not negative at byte 25");
  check_header("{\"a\":{\"shape\":[1 1]}}", 0, "has a damaged header: expected ',' at byte 25");
  check_header("{\"a\":{\"shape\":[1,1,1,1,1,1,1,1,1]}}", 0,
               "has a damaged header: a shape of more than 8 dimensions at byte 39");
  check_header("{\"a\":{\"data_offsets\":[0,1,2]}}", 0, "has a damaged header: expected ']' at byte 33");
  check_header("{\"a\":{\"x\":nul}}", 0, "has a damaged header: expected a value at byte 18");
  check_header("{\"a\":{\"x\":-}}", 0, "has a damaged header: expected a digit at byte 19");
  check_header("{\"__metadata__\":{\"a\":1}}", 0, "has a damaged header: expected a string at byte 29");
  check_header("{\"__metadata__\":{},\"__metadata__\":{}}", 0,
               "has a damaged header: a second __metadata__ at byte 42");
  check_header("{\"a\":{\"x\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]}}", 0,
               "has a damaged header: nested too deeply at byte 34");
}

static void test_tensors_that_do_not_fit_are_named(void) {
  check_header("{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1,
               "tensor 'a' has the type 'F8_E4M3', which can't be loaded; known are F32 F64 F16 BF16 I64 I32 U8 BOOL");
  check_header("{\"a\\u0007b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,4]}}", 4,
               "tensor 'a?b' has 4 bytes, but [3] of U8 takes 3");
  check_header("{\"a\":{\"dtype\":\"F64\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}", 0,
               "tensor 'a' has the shape [4294967296, 4294967296], more than any file holds");
  check_header("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", 3,
               "tensor 'a' should stand at bytes 0 to 4 of 3; the file is cut short or damaged");
  check_header("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,0]}}", 4,
               "tensor 'a' should stand at bytes 4 to 0 of 4; the file is cut short or damaged");
  check_header("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
               "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[3,7]}}",
               7, "tensors 'a' and 'b' overlap");
  check_header("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
               "\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[3,4]}}",
               4, "bytes 1 to 3 before tensor 'b' belong to no tensor");
  check_header("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 3,
               "has 2 bytes behind the last tensor");
  check_header("{}", 1, "has 1 bytes behind the last tensor");
  check_header("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
               "\"\\u0061\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}",
               2, "two tensors are called 'a'");
}

static void test_a_bool_is_0_or_1(void) {
  const char *header = "{\"a\":{\"dtype\":\"BOOL\",\"shape\":[2],\"data_offsets\":[0,2]}}\1\7";
  char expected[200];
  put_file(strlen(header) - 2, header, strlen(header), 0);
  snprintf(expected, sizeof expected, "%s: tensor 'a' holds the byte 7 where a BOOL is 0 or 1", scratch);
  CHECK_FAILS(&context, ML_BAD_DATA, expected, load_status());
}

static void test_the_length_of_the_header_is_checked(void) {
  char expected[200];
  put_file(3, "{}", 2, 0);
  snprintf(expected, sizeof expected, "%s: is cut short: its header has 3 bytes, but only 2 follow", scratch);
  CHECK_FAILS(&context, ML_BAD_DATA, expected, load_status());
  put_file(UINT64_MAX, "{}", 2, 0);
  snprintf(
      expected, sizeof expected,
      "%s: is not a safetensors file: its header would have 18446744073709551615 bytes, at most 100000000 are read",
      scratch);
  CHECK_FAILS(&context, ML_BAD_DATA, expected, load_status());
  CHECK_INT(truncate(scratch, 7), 0);
  snprintf(expected, sizeof expected, "%s: is not a safetensors file: it has 7 bytes, its first number alone takes 8",
           scratch);
  CHECK_FAILS(&context, ML_BAD_DATA, expected, load_status());
}

/* Saving ----------------------------------------------------------------------------------------------------------- */

static ml_tensor *make(ml_dtype dtype, ml_shape shape, const void *data) {
  ml_tensor *x;
  CHECK_OK(&context, ml_empty(&context, &shape, dtype, &x));
  memcpy(ml_data(x), data, (size_t)ml_count(x) * ml_dtype_size(dtype));
  return x;
}

enum { SAVED = 10 };
static void make_list(ml_named_tensor list[SAVED]) {
  static const float matrix[] = {1.5f, -2, 3, 4};
  ml_tensor *f32 = make(ML_FLOAT32, ml_make_shape(2, 2, 2), matrix), *turned;
  CHECK_OK(&context, ml_alias(&context, f32, &turned));
  turned->stride[0] = 1;
  turned->stride[1] = 2;
  ml_named_tensor all[SAVED] = {
      {text_of("u8"), make(ML_UINT8, ml_make_shape(1, 3), (uint8_t[]){1, 2, 3})},
      {text_of("f32"), f32},
      {text_of("turned"), turned},
      {text_of("f64"), make(ML_FLOAT64, ml_make_shape(1, 1), (double[]){0.1})},
      {text_of("i64"), make(ML_INT64, ml_make_shape(1, 2), (int64_t[]){-5, 6})},
      {text_of("i32"), make(ML_INT32, ml_make_shape(1, 1), (int32_t[]){7})},
      {text_of("bool"), make(ML_BOOL, ml_make_shape(1, 2), (uint8_t[]){1, 0})},
      {text_of("scalar"), make(ML_FLOAT32, ml_make_shape(0), (float[]){8})},
      {text_of("empty"), make(ML_FLOAT32, ml_make_shape(2, 0, 2), matrix)},
      {text_of("n\xc3\xa4me \"q\"\n"), make(ML_FLOAT32, ml_make_shape(1, 1), (float[]){9})},
  };
  memcpy(list, all, sizeof all);
}

static void release_list(ml_named_tensor *list, int count) {
  for (int i = 0; i < count; i++) ml_release(list[i].tensor);
}

static const ml_text_pair metadata[] = {{{"name", 4}, {"net \xc3\xa4 \"1\"\n", 11}}, {{"z", 1}, {"", 0}}};

static void check_saved(const char *path) {
  ml_safetensors s;
  CHECK_OK(&context, ml_safetensors_load(&context, path, &s));
  CHECK_INT(s.count, SAVED);
  CHECK_TENSOR(&s, "u8", ML_UINT8, "[3]", 1, 2, 3);
  CHECK_TENSOR(&s, "f32", ML_FLOAT32, "[2, 2]", 1.5, -2, 3, 4);
  CHECK_TENSOR(&s, "turned", ML_FLOAT32, "[2, 2]", 1.5, 3, -2, 4);
  CHECK_TENSOR(&s, "f64", ML_FLOAT64, "[1]", 0.1);
  CHECK_TENSOR(&s, "i64", ML_INT64, "[2]", -5, 6);
  CHECK_TENSOR(&s, "i32", ML_INT32, "[1]", 7);
  CHECK_TENSOR(&s, "bool", ML_BOOL, "[2]", 1, 0);
  CHECK_TENSOR(&s, "scalar", ML_FLOAT32, "[]", 8);
  CHECK_TENSOR(&s, "n\xc3\xa4me \"q\"\n", ML_FLOAT32, "[1]", 9);
  if (s.count == SAVED) {
    CHECK_TEXT(s.tensors[0].name.text, "u8"); /* the order given */
    CHECK_TEXT(s.tensors[8].name.text, "empty");
  }
  CHECK_INT(s.metadata_count, 2);
  if (s.metadata_count == 2) CHECK_TEXT(s.metadata[0].value.text, metadata[0].value.text);
  ml_safetensors_free(&s);
}

static void test_what_is_saved_loads_again(const char *path) {
  ml_named_tensor list[SAVED];
  make_list(list);
  CHECK_OK(&context, ml_safetensors_save(&context, path, list, SAVED, metadata, 2));
  check_saved(path);
  void *data;
  size_t bytes;
  uint64_t header;
  CHECK_OK(&context, read_whole(&context, path, 10000, &data, &bytes));
  memcpy(&header, data, 8);
  CHECK_INT(header % 8, 0); /* so that others can map the file */
  const char *wide_first = "{\"__metadata__\":{\"name\":\"net \xc3\xa4 \\\"1\\\"\\u000a\",\"z\":\"\"},"
                           "\"u8\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[68,71]},"
                           "\"f32\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[24,40]},";
  CHECK(memcmp((char *)data + 8, wide_first, strlen(wide_first)) == 0);
  ml_free(data, bytes + 1);
  release_list(list, SAVED);
  CHECK_OK(&context, ml_safetensors_save(&context, scratch, NULL, 0, NULL, 0));
  CHECK_OK(&context, load_status());
}

static void test_what_can_not_be_saved_is_named(void) {
  float one = 1;
  ml_tensor *x = make(ML_FLOAT32, ml_make_shape(1, 1), &one), *hollow;
  ml_shape shape = ml_make_shape(1, 1);
  CHECK_OK(&context, ml_shape_only(&context, &shape, ML_FLOAT32, &hollow));
  ml_named_tensor twice[] = {{text_of("a"), x}, {text_of("b"), x}, {text_of("a"), x}};
  CHECK_FAILS(&context, ML_ERROR, "save: two tensors are called 'a'",
              ml_safetensors_save(&context, scratch, twice, 3, NULL, 0));
  ml_named_tensor wrong = {text_of("a\xff"), x};
  CHECK_FAILS(&context, ML_ERROR, "save: the name of tensor 1 is not valid UTF-8",
              ml_safetensors_save(&context, scratch, &wrong, 1, NULL, 0));
  wrong.name = text_of("__metadata__");
  CHECK_FAILS(&context, ML_ERROR,
              "save: a tensor can't be called '__metadata__': the format keeps that name for itself",
              ml_safetensors_save(&context, scratch, &wrong, 1, NULL, 0));
  wrong = (ml_named_tensor){text_of("fc.weight"), hollow};
  CHECK_FAILS(&context, ML_ERROR, "save: 'fc.weight' has no values yet; build the model before it is saved",
              ml_safetensors_save(&context, scratch, &wrong, 1, NULL, 0));
  ml_text_pair pair = {text_of("note"), text_of("\xc3")};
  CHECK_FAILS(&context, ML_ERROR, "save: metadata 'note' is not valid UTF-8",
              ml_safetensors_save(&context, scratch, twice, 2, &pair, 1));
  ml_release(x);
  ml_release(hollow);
}

static void test_a_full_disk_keeps_the_old_file(void) {
  ml_named_tensor list[SAVED];
  char expected[200];
  make_list(list);
  CHECK_OK(&context, ml_safetensors_save(&context, scratch, list, SAVED, metadata, 2));
  ml_file_fail_at(ML_FILE_WRITE, 1, ENOSPC);
  snprintf(expected, sizeof expected, "%s: can't be written: No space left on device", scratch);
  CHECK_FAILS(&context, ML_BAD_DATA, expected, ml_safetensors_save(&context, scratch, list, 2, NULL, 0));
  check_saved(scratch);
  release_list(list, SAVED);
}

/* The n-th allocation fails, for each n, in saving and in loading. */
static void test_failing_allocations_leave_nothing(void) {
  ml_named_tensor list[SAVED];
  make_list(list);
  CHECK_OK(&context, ml_safetensors_save(&context, scratch, list, SAVED, metadata, 2));
  for (int saving = 0; saving < 2; saving++) {
    for (int for_ever = 0; for_ever < 2; for_ever++) {
      for (uint64_t n = 1;; n++) {
        size_t live = ml_alloc_statistics().live;
        context.message[0] = '\0';
        ml_alloc_fail_at(n, for_ever);
        ml_status status = saving ? ml_safetensors_save(&context, scratch, list, SAVED, metadata, 2) : load_status();
        ml_alloc_fail_at(0, false);
        CHECK_INT(ml_alloc_statistics().live, live);
        check_saved(scratch);
        if (status == ML_OK) {
          CHECK(n > 4);
          break;
        }
        CHECK_INT(status, ML_OUT_OF_MEMORY);
        CHECK(context.message[0] != '\0');
      }
    }
  }
  release_list(list, SAVED);
}

/* Wrong files ------------------------------------------------------------------------------------------------------ */

static uint32_t next_random(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(*state >> 33);
}

/* A few bytes of the file changed, put in, taken out or cut off. */
static size_t mutate(unsigned char *data, size_t count, size_t room, uint64_t *state) {
  static const char likely[] = "{}[]\",:\\0123456789-.eu \n";
  for (uint32_t changes = 1 + next_random(state) % 4; changes > 0; changes--) {
    size_t at_byte = next_random(state) % count;
    unsigned char byte = next_random(state) % 2 ? (unsigned char)likely[next_random(state) % (sizeof likely - 1)]
                                                : (unsigned char)next_random(state);
    switch (next_random(state) % 5) {
    case 0:
      if (count < room) {
        memmove(data + at_byte + 1, data + at_byte, count - at_byte);
        count++;
      }
      data[at_byte] = byte;
      break;
    case 1:
      memmove(data + at_byte, data + at_byte + 1, count - at_byte - 1);
      if (count > 16) count--;
      break;
    case 2:
      if (next_random(state) % 8 == 0 && at_byte > 16) count = at_byte;
      break;
    default: data[at_byte] = byte;
    }
  }
  return count;
}

static void test_thousands_of_damaged_files_are_survived(void) {
  void *whole;
  size_t bytes, live = ml_alloc_statistics().live;
  CHECK_OK(&context, read_whole(&context, fixture, 10000, &whole, &bytes));
  if (!whole) return;
  unsigned char data[2048];
  uint64_t state = 20;
  int good = 0, bad = 0;
  for (int i = 0; i < 6000; i++) {
    memcpy(data, whole, bytes);
    size_t count = mutate(data, bytes, sizeof data, &state);
    if (i % 2 == 0) { /* make the first number right again, so that the text behind it is reached */
      uint64_t header;
      memcpy(&header, whole, 8);
      header += count - bytes;
      memcpy(data, &header, 8);
    }
    FILE *f = fopen(scratch, "wb");
    fwrite(data, 1, count, f);
    fclose(f);
    ml_alloc_reset_peak();
    size_t before = ml_alloc_statistics().peak;
    context.message[0] = '\0';
    ml_status status = load_status();
    good += status == ML_OK;
    bad += status == ML_BAD_DATA && strncmp(context.message, scratch, sizeof scratch - 1) == 0;
    if (ml_alloc_statistics().peak - before > 64 * 1024) bad = -1000000; /* memory beyond what the file can hold */
  }
  CHECK_INT(good + bad, 6000);
  CHECK(good > 0 && bad > 2000);
  ml_free(whole, bytes + 1);
  CHECK_INT(ml_alloc_statistics().live, live);
}

static void test_a_file_cut_anywhere_is_an_error(void) {
  void *whole;
  size_t bytes;
  CHECK_OK(&context, read_whole(&context, fixture, 10000, &whole, &bytes));
  for (size_t n = 0; whole && n < bytes; n++) {
    FILE *f = fopen(scratch, "wb");
    fwrite(whole, 1, n, f);
    fclose(f);
    CHECK_INT(load_status(), ML_BAD_DATA);
  }
  ml_free(whole, bytes + 1);
}

static void test_an_interrupt_stops_loading(void) {
  ml_safetensors s;
  ml_interrupt_set(true);
  CHECK_FAILS(&context, ML_INTERRUPTED, "interrupted while reading tests/fixtures/safetensors.bin",
              ml_safetensors_load(&context, fixture, &s));
  ml_interrupt_set(false);
}

int main(int argc, char **argv) {
  ml_context_init(&context);
  int fd = mkstemp(scratch);
  if (fd < 0) return 1;
  close(fd);
  size_t live = ml_alloc_statistics().live;
  test_a_file_of_the_reference_loads();
  test_headers_that_are_right_load();
  test_headers_that_are_wrong_are_named();
  test_tensors_that_do_not_fit_are_named();
  test_a_bool_is_0_or_1();
  test_the_length_of_the_header_is_checked();
  test_what_is_saved_loads_again(argc > 1 ? argv[1] : scratch);
  test_what_can_not_be_saved_is_named();
  test_a_full_disk_keeps_the_old_file();
  test_failing_allocations_leave_nothing();
  test_thousands_of_damaged_files_are_survived();
  test_a_file_cut_anywhere_is_an_error();
  test_an_interrupt_stops_loading();
  fuzz_corpus("tests/fuzz/corpus/safetensors", 3000);
  CHECK_INT(ml_alloc_statistics().live, live);
  unlink(scratch);
  return check_report();
}
