#!/bin/sh
# The arrows between the rooms (docs/architecture.md): who may include and require whom. Prints what breaks them.
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0

# rule NAME FILES-PATTERN FORBIDDEN-REGEX: no tracked file that matches may have a line that matches.
rule() {
  found=$(git ls-files -co --exclude-standard -- $2 | xargs -r grep -nE "$3" 2>/dev/null)
  if [ -z "$found" ]; then
    passed=$((passed + 1))
    echo "ok $1"
  else
    failed=$((failed + 1))
    echo "FAIL $1"
    echo "$found" | head -5
  fi
}

rule "tensor/ and nn/ know no Lua"                'tensor/*.[ch] nn/*.[ch]' '#include *[<"](lua|lauxlib|lualib)'
rule "tensor/ does not use nn/, bindings/, vm/ or repl/" 'tensor/*.[ch]' '#include "(nn|table|media|classical|assess|bindings|vm|repl)/'
rule "table/ and media/ know no Lua"              'table/*.[ch] media/*.[ch]' '#include *[<"](lua|lauxlib|lualib)'
rule "table/ uses tensor/ alone"                  'table/*.[ch]' '#include "(nn|media|bindings|vm|repl)/'
rule "media/ uses tensor/ alone"                  'media/*.[ch]' '#include "(nn|table|bindings|vm|repl)/'
rule "classical/ knows no Lua"                    'classical/*.[ch]' '#include *[<"](lua|lauxlib|lualib)'
rule "classical/ uses tensor/ alone"              'classical/*.[ch]' '#include "(nn|table|media|assess|bindings|vm|repl)/'
rule "assess/ knows no Lua"                       'assess/*.[ch]' '#include *[<"](lua|lauxlib|lualib)'
rule "assess/ uses tensor/ alone"                 'assess/*.[ch]' '#include "(nn|table|media|classical|bindings|vm|repl)/'
rule "nn/ does not use bindings/, vm/ or repl/"   'nn/*.[ch]' '#include "(bindings|vm|repl)/'
rule "vm/ does not use bindings/, nn/ or repl/"   'vm/*.[ch]' '#include "(bindings|nn|repl)/'
rule "bindings/ does not use repl/"               'bindings/*.[ch]' '#include "repl/'
rule "the engine neither ends the program nor prints" 'tensor/*.c nn/*.c table/*.c media/*.c classical/*.c assess/*.c' '(^|[^_a-z.])(exit|abort|printf|puts|perror)\('
rule "only the decoders of pictures jump, out of their libraries" 'tensor/*.c nn/*.c table/*.c classical/*.c assess/*.c bindings/*.c media/[a-ik-oq-z]*.c media/p[a-mo-z]*.c' '(^|[^_a-z.])(longjmp|setjmp)\('
rule "recipes use lua/ only"                      'recipes/*.lua' 'require *\(?["'"'"']moonlab\.(core|vm)'
rule "nothing draws from the C library's random numbers" '*.c' '(^|[^_a-z])(rand|random|srand|drand48)\(\)'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
