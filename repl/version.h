/* What Moonlab says it is. */
#ifndef REPL_VERSION_H
#define REPL_VERSION_H

#define MOONLAB_VERSION "0.1.0"

#endif
