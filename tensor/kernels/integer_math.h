/* Integer arithmetic as Lua has it: division rounds down, overflow wraps (-fwrapv), the smallest number divided by -1 is
 * itself. A zero divisor and a negative power never get here: tensor/elementwise.c refuses them. T is defined. */

/* A number among the op's arguments: outside of T's range its nearest, as in conversions (clamp has infinite defaults). */
static inline T number_of(double v) {
  const double limit = (double)((uint64_t)1 << (8 * sizeof(T) - 1)); /* 2^31 of int32 */
  const double low = (T)-1 < 0 ? -limit : 0, above = (T)-1 < 0 ? limit : 2 * limit;
  if (v != v) return 0;
  if (v <= low) return (T)((T)-1 < 0 ? (T)((uint64_t)1 << (8 * sizeof(T) - 1)) : 0);
  if (v >= above) return (T)((T)-1 < 0 ? (T)(((uint64_t)1 << (8 * sizeof(T) - 1)) - 1) : (T)-1);
  return (T)v;
}

static inline T floor_divide_of(T x, T y) {
  if ((int64_t)y == -1) return (T)-x;
  T q = (T)(x / (y ? y : 1));
  return (T)(q - (T)((x % (y ? y : 1) != 0) && ((x < 0) != (y < 0))));
}

static inline T remainder_of(T x, T y) {
  if ((int64_t)y == -1 || y == 0) return 0;
  T r = (T)(x % y);
  return (T)(r != 0 && ((r < 0) != (y < 0)) ? r + y : r);
}

/* The sign of x, as C's %. */
static inline T fmod_of(T x, T y) { return (int64_t)y == -1 || y == 0 ? 0 : (T)(x % y); }

static inline T power_of(T x, T y) {
  T result = 1;
  for (; y > 0; y = (T)(y >> 1)) {
    if (y & 1) result = (T)(result * x);
    x = (T)(x * x);
  }
  return result;
}

#define K_NUMBER(v)          number_of(v)
#define K_ABS(x)             ((T)((x) < 0 ? -(x) : (x)))
#define K_NOT(x)             (~(x))
#define K_FLOOR(x)           (x)
#define K_TRUNC(x)           (x)
#define K_ROUND(x)           (x)
#define K_POW(x, y)          power_of(x, y)
#define K_FMOD(x, y)         fmod_of(x, y)
#define K_FLOOR_DIVIDE(x, y) floor_divide_of(x, y)
#define K_REMAINDER(x, y)    remainder_of(x, y)
