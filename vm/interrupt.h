/* ^C and the other signals that ask for an end.
 *
 * One signal is one error "interrupted!" at the next Lua instruction or kernel tile, and the engine's flag is cleared
 * by whoever raises it. A loop that wants to stop in an orderly way holds signals and asks for them between its steps.
 */
#ifndef VM_INTERRUPT_H
#define VM_INTERRUPT_H

#include <stdbool.h>

#include "lua.h"

#define INTERRUPT_MESSAGE "interrupted!"

/* L is the main thread of the state that runs. `orderly`: TERM and HUP are taken as well, and not only ^C. */
void interrupt_install(lua_State *L, bool orderly);

/* Before the state is closed: a signal ends the process from now on. */
void interrupt_remove(void);

/* In the REPL a second ^C does not end the process. Elsewhere it does when the first was not yet reported. */
void interrupt_patient(bool on);

/* The coroutine that runs now: where the hook has to go. Returns the one before. */
lua_State *interrupt_running(lua_State *L);

/* After a coroutine has come back: an interrupt that it did not get to see is due in L. */
void interrupt_resumed(lua_State *L);

/* While held, the first signal only waits for interrupt_take; a second one interrupts as if nothing were held. */
void interrupt_hold(bool on);
int interrupt_take(void); /* the signal that waits, or 0; it waits no more */

/* The last signal that has interrupted, 0 for none: what the exit status is made of. */
int interrupt_signal(void);

/* Between two chunks of the REPL: forgets an interrupt that came too late to stop anything; nothing is held any more.
 */
void interrupt_clear(void);

#endif
