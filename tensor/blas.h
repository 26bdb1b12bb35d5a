/* The library of BLAS and LAPACK (OpenBLAS), loaded with dlopen at its first use: starting the program stays at
 * milliseconds, and its kernel can be chosen before it looks for one. MOONLAB_BLAS=none leaves it out. */
#ifndef ML_BLAS_H
#define ML_BLAS_H

#include <stdbool.h>

/* Loads it at the first call; false if there is none. */
bool ml_blas_load(void);

/* A function by its name in the library, "cblas_dgemm" or "dgesdd_"; NULL without the library or the function. */
typedef void (*ml_blas_function)(void);
ml_blas_function ml_blas_find(const char *name);

/* What was loaded: "OpenBLAS 0.3.21 SkylakeX", or "none". For `moonlab doctor` and tests. */
const char *ml_blas_name(void);

#endif
