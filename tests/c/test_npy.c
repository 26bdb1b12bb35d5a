/* What NumPy writes loads exactly, what is written NumPy's format allows, and a damaged file is an error. The values of every
 * type, against NumPy's own, are tested in Lua (tests/lua/test_formats.lua). */

#include "tensor/io/npy.h"
#include "tensor/io/zip.h"
#include "tests/c/whole_file.h"
#include "tests/fuzz/driver.h"
#include "tests/fuzz/npy.c"
#include "tests/c/hostile.h" /* last: its names are short */

enum { MOST = 1 << 20 };

static ml_status read_one(void) { return read_npy(c, scratch); }
static ml_status read_archive(void) { return read_npz(c, scratch); }

/* version 1, whose dict is padded as NumPy does */
static bytes array_of(const char *dict, const void *data, size_t count) {
  bytes b = {0};
  size_t length = strlen(dict) + 1;
  add(&b, "\x93NUMPY\1\0", 8);
  add_number(&b, length, 2);
  add_text(&b, dict);
  add_text(&b, "\n");
  add(&b, data, count);
  return b;
}

static void header_fails_with(const char *dict, const char *message) {
  bytes b = array_of(dict, "0123456789abcdef", 16);
  put_file(b.data, b.count);
  fails_with(read_one, message);
  ml_shape shape;
  ml_dtype dtype;
  CHECK_INT(ml_npy_peek(c, scratch, &shape, &dtype), ML_BAD_DATA);
  free_bytes(&b);
}

#define WAY_OUT "; fetch it again"
#define DICT(descr, shape) "{'descr': '" descr "', 'fortran_order': False, 'shape': " shape ", }"

static void test_wrong_headers_are_named(void) {
  put_file("", 0);
  fails_with(read_one, "is empty" WAY_OUT);
  put_file("\x93NUMPY", 6);
  fails_with(read_one, "is no .npy array: it has 6 bytes");
  put_file("hello, world", 12);
  fails_with(read_one, "is no .npy array: it begins with 68 65 6c 6c, expected 93 4e 55 4d");
  put_file("\x93NUMPY\4\0\0\0", 10);
  fails_with(read_one, "is a .npy array of version 4.0; 1.0, 2.0 and 3.0 are known");
  put_file("\x93NUMPY\1\0\5\0{'", 12);
  fails_with(read_one, "is cut short: it ends after 12 bytes" WAY_OUT);
  put_file("\x93NUMPY\2\0\0\0\0\1{'", 14);
  fails_with(read_one, "is damaged: its header announces 16777216 bytes of text; records of many fields are not read");
  header_fails_with("hello", "is damaged: its header is no Python dict" WAY_OUT);
  header_fails_with("{}", "is damaged: its header lacks one of descr, fortran_order and shape" WAY_OUT);
  header_fails_with(DICT("<i8", "(2,)") " x", "is damaged: its header goes on behind its dict" WAY_OUT);
  header_fails_with("{'descr': '<i8', 'descr': '<i8', 'shape': (2,)}",
                    "is damaged: its header has a key that is none of descr, fortran_order and shape, or one twice" WAY_OUT);
  header_fails_with("{'descr': '<i8', 'fortran_order': 0, 'shape': (2,)}",
                    "is damaged: its header says neither True nor False of fortran_order" WAY_OUT);
  header_fails_with(DICT("<i8", "(2)"), "is damaged: its header has a shape that is no tuple of at most 8 sizes" WAY_OUT);
  header_fails_with(DICT("<i8", "(-2,)"), "is damaged: its header has a shape that is no tuple of at most 8 sizes" WAY_OUT);
  header_fails_with(DICT("<i8", "(1,1,1,1,1,1,1,1,2)"),
                    "is damaged: its header has a shape that is no tuple of at most 8 sizes" WAY_OUT);
  header_fails_with(DICT("<i8", "(99999999999999999999,)"),
                    "is damaged: its header has a shape that is no tuple of at most 8 sizes" WAY_OUT);
}

static void test_sizes_are_compared_before_anything_is_allocated(void) {
  ml_alloc_reset_peak();
  size_t before = ml_alloc_statistics().peak;
  header_fails_with(DICT("<i8", "(3,)"), "is cut short: its header announces [3], 24 bytes, but 16 follow" WAY_OUT);
  header_fails_with(DICT("<i8", "(1,)"), "has 8 bytes behind the 8 that its header announces for [1]; an array a file is read");
  header_fails_with(DICT("<f4", "(4000000000, 4000000000)"),
                    "is damaged: its header announces the shape [4000000000, 4000000000], more than any file holds" WAY_OUT);
  header_fails_with(DICT("<f4", "(2000000000, 4)"),
                    "is cut short: its header announces [2000000000, 4], 32000000000 bytes, but 16 follow" WAY_OUT);
  CHECK(ml_alloc_statistics().peak - before < MOST);
}

static void test_types_that_no_tensor_holds_say_what_to_do(void) {
  header_fails_with(DICT("|O", "(2,)"), "holds Python objects (pickle), which can run code and are not read; save plain numbers: "
                                        "np.save(path, np.asarray(x, dtype='float32'))");
  header_fails_with(DICT("<U2", "(2,)"), "holds text (<U2), which no tensor holds; save numbers for it: names, codes = "
                                         "np.unique(x, return_inverse=True), or write the text to a CSV file");
  header_fails_with(DICT("<M8[ns]", "(2,)"), "holds times (<M8[ns]); save them as integers: x.astype('int64')");
  header_fails_with(DICT("|V8", "(2,)"), "holds records (|V8); save each field as an array of its own");
  header_fails_with("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }",
                    "holds records; save each field as an array of its own: np.savez(path, **{n: x[n] for n in x.dtype.names})");
  header_fails_with(DICT("<f16", "(1,)"), "has the unknown type '<f16'; known are bool, int8 to int64, uint8 to uint64, float16 "
                                          "to float64, complex64 and complex128");
  header_fails_with(DICT("<c8", "(1,1,1,1,1,1,1,2)"),
                    "holds complex numbers in 8 dimensions; a tensor holds them in 7, and real and imaginary part in the last");
  bytes b = array_of(DICT("<u8", "(2,)"), "\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x80", 16);
  put_file(b.data, b.count);
  fails_with(read_one, "holds 9223372036854775808 (uint64), which no int64 can hold, as element 2; save it as float64: x.astype('float64')");
  free_bytes(&b);
  b = array_of(DICT("|b1", "(2,)"), "\1\2", 2);
  put_file(b.data, b.count);
  fails_with(read_one, "is damaged: element 2 of its booleans is the byte 2, expected 0 or 1; fetch it again");
  free_bytes(&b);
}

static void test_headers_that_others_write(void) {
  static const char *const dicts[] = {
      "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 2), }",
      "{'shape': (2, 2), 'fortran_order': False, 'descr': '<i4'}",
      "{\"descr\":\"=i4\",\"fortran_order\":False,\"shape\":(2,2)}",
      "{ 'descr' : 'i4' , 'fortran_order' : False , 'shape' : (2L, 2L) ,}   ",
  };
  for (size_t i = 0; i < sizeof dicts / sizeof *dicts; i++) {
    bytes b = array_of(dicts[i], (int32_t[]){1, -2, 3, 4}, 16);
    put_file(b.data, b.count);
    ml_tensor *x;
    CHECK_OK(c, ml_npy_read(c, scratch, &x));
    if (!x) continue;
    CHECK_TEXT(ML_SHAPE(&x->shape), "[2, 2]");
    CHECK_INT(((int32_t *)ml_data(x))[1], -2);
    ml_release(x);
    free_bytes(&b);
  }
  bytes b = array_of(dicts[0], (int32_t[]){1, -2, 3, 4}, 16), gz = deflated(b.data, b.count, 31);
  put_file(gz.data, gz.count);
  CHECK_OK(c, read_one());
  free_bytes(&gz);
  add_text(&b, "x");
  gz = deflated(b.data, b.count, 31);
  put_file(gz.data, gz.count);
  fails_with(read_one, "holds more than the 16 bytes that its header announces for [2, 2]; an array a file is read");
  free_bytes(&gz);
  free_bytes(&b);
}

static void test_damaged_arrays(void) {
  bytes b = array_of("{'descr': '>i2', 'fortran_order': True, 'shape': (3, 2), }", "\0\1\0\2\0\3\0\4\0\5\0\6", 12);
  CHECK_INT(hostile_cuts(&b, read_one, MOST), 0);
  hostile_flips(&b, read_one, MOST, 1);
  put_file(b.data, b.count);
  CHECK(hostile_allocations(read_one) >= 4);
  CHECK(hostile_reads(read_one) >= 3);
  hostile_open_and_interrupt(read_one);
  free_bytes(&b);
}

/* Writing ---------------------------------------------------------------------------------------------------------- */

static ml_tensor *counting(int64_t rows, int64_t columns, ml_dtype dtype) {
  ml_tensor *x, *y;
  ml_shape shape = ml_make_shape(2, rows, columns);
  CHECK_OK(c, ml_empty(c, &shape, ML_INT32, &x));
  for (int64_t i = 0; i < rows * columns; i++) ((int32_t *)ml_data(x))[i] = (int32_t)i;
  CHECK_OK(c, ml_convert(c, x, dtype, &y));
  ml_release(x);
  return y;
}

static bool same_bits(const ml_tensor *x, const ml_tensor *y) {
  return y && x->dtype == y->dtype && ml_shape_equal(&x->shape, &y->shape) &&
         memcmp(ml_data(x), ml_data(y), (size_t)ml_count(x) * ml_dtype_size((ml_dtype)x->dtype)) == 0;
}

static void test_what_is_written_reads_back(void) {
  for (int dtype = 0; dtype < ML_DTYPES; dtype++) {
    ml_tensor *x = counting(3, 5, (ml_dtype)dtype), *y;
    CHECK_OK(c, ml_npy_write(c, scratch, x));
    CHECK_OK(c, ml_npy_read(c, scratch, &y));
    CHECK(same_bits(x, y));
    ml_release(x);
    ml_release(y);
  }
}

static void test_the_bytes_are_those_of_numpy(void) {
  ml_tensor *x = counting(2, 3, ML_FLOAT32);
  CHECK_OK(c, ml_npy_write(c, scratch, x));
  void *data;
  size_t count;
  CHECK_OK(c, read_whole(c, scratch, 1000, &data, &count));
  CHECK_INT(count, 128 + 24);
  CHECK(memcmp(data, "\x93NUMPY\1\0\x76\0{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }      ", 75) == 0);
  CHECK_INT(((char *)data)[127], '\n');
  ml_free(data, count + 1);
  ml_release(x);
}

static ml_text text_of(const char *text) { return (ml_text){text, strlen(text)}; }

static void test_an_archive_reads_back_in_its_order(void) {
  ml_tensor *x = counting(3, 5, ML_FLOAT64), *y = counting(2, 2, ML_BOOL), *none = counting(0, 4, ML_INT64);
  ml_named_tensor list[] = {{text_of("z.weight"), x}, {text_of("a/\xc3\xa9"), y}, {text_of("none"), none}};
  CHECK_OK(c, ml_npz_write(c, scratch, list, 3));
  ml_npz z;
  CHECK_OK(c, ml_npz_read(c, scratch, &z));
  CHECK_INT(z.count, 3);
  for (int i = 0; i < 3 && i < z.count; i++) {
    CHECK_TEXT(z.tensors[i].name.text, list[i].name.text);
    CHECK(same_bits(list[i].tensor, z.tensors[i].tensor));
  }
  ml_npz_free(&z);
  CHECK_OK(c, ml_npz_write(c, scratch, list, 0));
  CHECK_OK(c, ml_npz_read(c, scratch, &z));
  CHECK_INT(z.count, 0);
  list[1].name = text_of("z.weight");
  CHECK_FAILS(c, ML_ERROR, "save: two tensors are called 'z.weight'", ml_npz_write(c, scratch, list, 3));
  list[1].name = (ml_text){"a\0b", 3};
  CHECK_FAILS(c, ML_ERROR, "save: the name of tensor 2 is empty or no valid UTF-8", ml_npz_write(c, scratch, list, 3));
  ml_release(x);
  ml_release(y);
  ml_release(none);
}

/* Zip archives ------------------------------------------------------------------------------------------------------ */

static ml_status write_64(ml_context *k, ml_sink *sink, void *arg) {
  ml_zip_writer w = {.sink = sink, .always_64 = true};
  const bytes *b = arg;
  ml_status status = ml_zip_add(k, &w, text_of("x.npy"), &(ml_zip_part){b->data, b->count}, 1);
  if (status == ML_OK) status = ml_zip_add(k, &w, text_of("y.npy"), &(ml_zip_part){b->data, b->count}, 1);
  if (status == ML_OK) status = ml_zip_finish(k, &w);
  ml_zip_writer_free(&w);
  return status;
}

static void test_zip64_is_read_and_written(void) {
  bytes b = array_of(DICT("<i4", "(2,)"), (int32_t[]){5, 6}, 8);
  CHECK_OK(c, ml_file_write_atomic(c, scratch, write_64, &b));
  ml_npz z;
  CHECK_OK(c, ml_npz_read(c, scratch, &z));
  CHECK_INT(z.count, 2);
  if (z.count == 2) CHECK_INT(((int32_t *)ml_data(z.tensors[1].tensor))[1], 6);
  ml_npz_free(&z);
  free_bytes(&b);
}

typedef struct member {
  const char *name;
  const void *data;
  size_t packed, size;
  uint32_t crc;
  int method, flags;
  uint32_t place; /* when not where it is */
} member;

/* An archive as the members say, lies and all. */
static bytes archive(const member *m, int count, const char *comment) {
  bytes b = {0}, directory = {0};
  for (int i = 0; i < count; i++) {
    uint64_t place = m[i].place ? m[i].place : b.count;
    for (int central = 0; central < 2; central++) {
      bytes *to = central ? &directory : &b;
      add_text(to, central ? "PK\1\2" : "PK\3\4");
      if (central) add_number(to, 20, 2);
      add_number(to, 20, 2);
      add_number(to, (uint64_t)m[i].flags, 2);
      add_number(to, (uint64_t)m[i].method, 2);
      add_number(to, 0, 4);
      add_number(to, m[i].crc, 4);
      add_number(to, m[i].packed, 4);
      add_number(to, m[i].size, 4);
      add_number(to, strlen(m[i].name), 2);
      add_number(to, 0, central ? 2 + 2 + 2 + 2 + 4 : 2);
      if (central) add_number(to, place, 4);
      add_text(to, m[i].name);
    }
    add(&b, m[i].data, m[i].packed);
  }
  uint64_t begin = b.count;
  add(&b, directory.data, directory.count);
  add_text(&b, "PK\5\6");
  add_number(&b, 0, 4);
  add_number(&b, (uint64_t)count, 2);
  add_number(&b, (uint64_t)count, 2);
  add_number(&b, directory.count, 4);
  add_number(&b, begin, 4);
  add_number(&b, strlen(comment), 2);
  add_text(&b, comment);
  free_bytes(&directory);
  return b;
}

static uint32_t crc_of(const bytes *b) { return (uint32_t)crc32(0, b->data, (unsigned)b->count); }

static void archive_fails_with(const member *m, int count, const char *message) {
  bytes b = archive(m, count, "");
  put_file(b.data, b.count);
  fails_with(read_archive, message);
  free_bytes(&b);
}

static void test_archives_that_lie_are_refused(void) {
  bytes a = array_of(DICT("<i4", "(2,)"), (int32_t[]){5, 6}, 8), d = deflated(a.data, a.count, -15);
  member stored = {"x.npy", a.data, a.count, a.count, crc_of(&a), 0, 0, 0}, m = stored;
  member packed = {"y.npy", d.data, d.count, a.count, crc_of(&a), 8, 0, 0};
  bytes b = archive((member[]){stored, packed}, 2, "a comment with PK\5\6 in it");
  put_file(b.data, b.count);
  CHECK_OK(c, read_archive());
  free_bytes(&b);

  put_file("PK", 2);
  fails_with(read_archive, "is no zip archive: it has 2 bytes");
  put_file(a.data, a.count);
  fails_with(read_archive, "is no whole zip archive: it has no end record" WAY_OUT);
  m.name = "x.txt";
  archive_fails_with(&m, 1, "holds 'x.txt', which is no array: the names in a .npz file end in .npy");
  m.name = "\xff.npy";
  archive_fails_with(&m, 1, "is a damaged zip archive: a name in it is empty or no valid UTF-8" WAY_OUT);
  archive_fails_with((member[]){stored, stored}, 2, "'x.npy' is there twice");
  m = stored, m.flags = 1;
  archive_fails_with(&m, 1, "'x.npy' is encrypted; unpack the archive with its password first");
  m = stored, m.method = 12;
  archive_fails_with(&m, 1, "'x.npy' is packed by method 12; stored (0) and deflated (8) are read");
  m = stored, m.size++;
  archive_fails_with(&m, 1, "'x.npy' is stored, but in another size than its own" WAY_OUT);
  m = stored, m.crc ^= 1;
  archive_fails_with(&m, 1, "'x.npy' is damaged: its content has another checksum (CRC-32) than the directory says" WAY_OUT);
  m = packed, m.crc ^= 1;
  archive_fails_with(&m, 1, "'y.npy' is damaged: its content has another checksum (CRC-32) than the directory says" WAY_OUT);
  m = packed, m.size = 4000000000u;
  archive_fails_with(&m, 1, "'y.npy' claims more than its packed bytes can hold" WAY_OUT);
  m = packed, m.size--;
  archive_fails_with(&m, 1, "'y.npy' is cut short: its header announces [2], 8 bytes, but 7 follow" WAY_OUT);
  m = stored, m.place = 100000;
  archive_fails_with(&m, 1, "'x.npy' does not lie within the archive, which is cut short or damaged" WAY_OUT);
  m = packed, m.name = "z.npy", m.place = (uint32_t)(35 + a.count + 1);
  archive_fails_with((member[]){stored, packed, m}, 3, "'z.npy' overlaps another member" WAY_OUT);
  free_bytes(&a);
  free_bytes(&d);
}

static void test_damaged_archives(void) {
  bytes a = array_of(DICT("<i4", "(2,)"), (int32_t[]){5, 6}, 8), d = deflated(a.data, a.count, -15);
  member m[] = {{"x.npy", a.data, a.count, a.count, crc_of(&a), 0, 0, 0}, {"y.npy", d.data, d.count, a.count, crc_of(&a), 8, 0, 0}};
  bytes b = archive(m, 2, "");
  CHECK_INT(hostile_cuts(&b, read_archive, MOST), 0);
  hostile_flips(&b, read_archive, MOST, 1);
  put_file(b.data, b.count);
  CHECK(hostile_allocations(read_archive) >= 8);
  CHECK(hostile_reads(read_archive) >= 5);
  hostile_open_and_interrupt(read_archive);
  free_bytes(&a);
  free_bytes(&b);
  free_bytes(&d);
}

static ml_status write_archive_of_two(void) {
  ml_tensor *x = NULL;
  ml_shape shape = ml_make_shape(2, 2, 3);
  ML_TRY(ml_zeros(c, &shape, ML_FLOAT32, &x));
  ml_named_tensor list[] = {{text_of("x"), x}, {text_of("y"), x}};
  ml_status status = ml_npz_write(c, scratch, list, 2);
  if (status == ML_OK) status = ml_npy_write(c, scratch, x);
  ml_release(x);
  return status;
}

/* The first and the last row of the file. */
static ml_status read_two_rows(void) {
  ml_npy_file *f;
  ml_shape two = ml_make_shape(1, 2);
  ml_tensor *rows = NULL, *x = NULL;
  ML_TRY(ml_npy_open(c, scratch, &f));
  ml_status status = ml_empty(c, &two, ML_INT64, &rows);
  if (status == ML_OK) {
    ((int64_t *)ml_data(rows))[0] = 1;
    ((int64_t *)ml_data(rows))[1] = ml_npy_shape(f)->size[0];
    status = ml_npy_rows(c, f, rows, &x);
  }
  ml_release(rows);
  ml_release(x);
  ml_npy_close(f);
  return status;
}

static void test_rows_of_a_damaged_file_are_an_error(void) {
  bytes b = array_of(DICT("<f4", "(4, 3)"), "0123456789abcdef0123456789abcdef0123456789abcdef", 48);
  put_file(b.data, b.count);
  CHECK_OK(c, read_two_rows());
  CHECK(hostile_allocations(read_two_rows) >= 3);
  hostile_open_and_interrupt(read_two_rows);
  for (size_t n = 0; n < b.count; n++) {
    put_file(b.data, n);
    CHECK_INT(survives(read_two_rows, MOST, "cut at", n), ML_BAD_DATA);
  }
  free_bytes(&b);
}

/* Files that grow ---------------------------------------------------------------------------------------------------- */

static ml_status ramp(int64_t rows, int64_t first, ml_tensor **out) {
  ml_shape shape = {.ndim = 2, .size = {rows, 3}};
  ML_TRY(ml_empty(c, &shape, ML_FLOAT32, out));
  float *x = rows > 0 ? ml_data(*out) : NULL;
  for (int64_t i = 0; i < rows * 3; i++) x[i] = (float)(first * 3 + i);
  return ML_OK;
}

static ml_status append_ramp(ml_npy_writer *w, int64_t rows, int64_t first) {
  ml_tensor *x;
  ML_TRY(ramp(rows, first, &x));
  ml_status status = ml_npy_append(c, w, x);
  ml_release(x);
  return status;
}

static ml_status grow(bool finish) {
  ml_npy_writer *w;
  ML_TRY(ml_npy_create(c, scratch, &(ml_shape){.ndim = 1, .size = {3}}, ML_FLOAT32, &w));
  ml_status status = append_ramp(w, 5, 0);
  if (status == ML_OK) status = append_ramp(w, 0, 5);
  if (status == ML_OK) status = append_ramp(w, 100, 5);
  if (status == ML_OK && finish) status = ml_npy_finish(c, w);
  ml_npy_writer_close(w);
  return status;
}
static ml_status grow_whole(void) { return grow(true); }

static void test_a_file_that_grew_is_that_of_the_whole_array(void) {
  ml_tensor *whole, *read;
  CHECK_OK(c, grow_whole());
  CHECK_OK(c, ml_npy_read(c, scratch, &read));
  CHECK_OK(c, ramp(105, 0, &whole));
  CHECK_INT(read->shape.size[0], 105);
  CHECK(memcmp(ml_data(read), ml_data(whole), 105 * 3 * sizeof(float)) == 0);
  ml_release(read);
  ml_release(whole);
}

static void test_a_file_that_was_not_finished_is_no_array(void) {
  CHECK_OK(c, grow(false));
  fails_with(read_one, "has 1260 bytes behind the 0 that its header announces for [0, 3]; an array a file is read");
}

static void test_rows_that_do_not_fit_are_refused(void) {
  ml_npy_writer *w;
  CHECK_OK(c, ml_npy_create(c, scratch, &(ml_shape){.ndim = 1, .size = {4}}, ML_FLOAT32, &w));
  CHECK_INT(append_ramp(w, 2, 0), ML_ERROR);
  CHECK_OK(c, ml_npy_finish(c, w));
  CHECK_INT(append_ramp(w, 2, 0), ML_ERROR);
  ml_npy_writer_close(w);
}

static void test_failing_writes_and_allocations_are_errors(void) {
  CHECK(hostile_allocations(grow_whole) >= 2);
  static const ml_file_step steps[] = {ML_FILE_OPEN, ML_FILE_WRITE, ML_FILE_FSYNC};
  static const uint64_t calls[] = {1, 4, 2}; /* header, rows twice, header; before it and after it */
  for (int i = 0; i < 3; i++)
    for (uint64_t n = 1; n <= calls[i]; n++) {
      ml_file_fail_at(steps[i], n, 28);
      CHECK_INT(grow_whole(), ML_BAD_DATA);
      ml_file_fail_at(steps[i], 0, 0);
    }
  CHECK_OK(c, grow_whole());
}

int main(void) {
  if (!scratch_make()) return 1;
  size_t live = ml_alloc_statistics().live;
  test_wrong_headers_are_named();
  test_sizes_are_compared_before_anything_is_allocated();
  test_types_that_no_tensor_holds_say_what_to_do();
  test_headers_that_others_write();
  test_damaged_arrays();
  test_what_is_written_reads_back();
  test_the_bytes_are_those_of_numpy();
  test_an_archive_reads_back_in_its_order();
  test_zip64_is_read_and_written();
  test_archives_that_lie_are_refused();
  test_damaged_archives();
  test_rows_of_a_damaged_file_are_an_error();
  test_a_file_that_grew_is_that_of_the_whole_array();
  test_a_file_that_was_not_finished_is_no_array();
  test_rows_that_do_not_fit_are_refused();
  test_failing_writes_and_allocations_are_errors();
  CHECK(hostile_allocations(write_archive_of_two) >= 5);
  fuzz_corpus("tests/fuzz/corpus/npy", 3000);
  CHECK_INT(ml_alloc_statistics().live, live);
  unlink(scratch);
  return check_report();
}
