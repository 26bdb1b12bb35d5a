/* Times as ISO 8601 writes them, both ways: 2024-02-29, 2024-02-29 13:45, 2024-02-29T13:45:06.25Z, ...+01:00. A time is the
 * seconds since 1970-01-01 00:00:00 UTC; without a zone it is UTC. Years have four digits. */
#ifndef ML_ISO_TIME_H
#define ML_ISO_TIME_H

#include <stdbool.h>

/* All of p .. end as a time, the nearest double to what is written. False: it is none, or no such day or hour exists. */
bool ml_iso_time_parse(const char *p, const char *end, double *seconds);

enum { ML_ISO_TIME_ROOM = 64 };
/* The day alone at midnight, else "2024-02-29 13:45:06" with as many decimals as are needed to read the same bits back, nine
 * at most. The length; 0 where the year has not four digits. */
int ml_iso_time_write(double seconds, char to[ML_ISO_TIME_ROOM]);

#endif
