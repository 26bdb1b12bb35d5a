#!/bin/sh
# What the generator derives: committed files are those that it would write now, and two runs write the same bytes.
cd "$(dirname "$0")/.." || exit 1
lua=$(command -v lua5.4 || command -v lua)
passed=0 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# outcome STATUS NAME
outcome() {
  if [ "$1" -eq 0 ]; then
    passed=$((passed + 1))
    echo "ok $2"
  else
    failed=$((failed + 1))
    echo "FAIL $2"
  fi
}

mkdir "$work/docs" "$work/first" "$work/second"
"$lua" generator/docs.lua "$work/docs"
outcome $? "the pages of reference can be made"
for name in ops.md tensors.md library.md moonlab.d.lua; do
  diff "docs/$name" "$work/docs/$name" >"$work/difference"
  outcome $? "docs/$name is what 'make docs' writes"
  head -5 "$work/difference"
done

"$lua" -e 'assert(loadfile "docs/moonlab.d.lua")'
outcome $? "docs/moonlab.d.lua is Lua"

"$lua" generator/generate.lua "$work/first" && "$lua" generator/generate.lua "$work/second"
outcome $? "the C sources can be generated"
diff -r "$work/first" "$work/second" >/dev/null
outcome $? "the C sources are the same in two runs"
test -s "$work/first/ops.gen.c"
outcome $? "the C sources are not empty"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
