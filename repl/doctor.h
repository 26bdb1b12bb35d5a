/* moonlab doctor: what this machine has. */
#ifndef REPL_DOCTOR_H
#define REPL_DOCTOR_H

/* Returns the exit status: 3 when something that Moonlab needs is missing. */
int doctor_main(void);

#endif
