#!/bin/sh
# All tests, part by part. Each part prints `N passed, N failed` last; a part that ends without it counts as one failure.
# The last line sums them up.
#   tests/run.sh [PART...]      parts: arrows generated c lua bits cli sanitized plain
cd "$(dirname "$0")/.." || exit 1
parts=${*:-arrows generated c lua bits cli sanitized plain}
total_passed=0 total_failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
jobs=$(nproc)

# part NAME COMMAND...: runs it, shows its failures, adds its sums.
part() {
  name=$1
  shift
  begin=$(date +%s)
  "$@" >"$log" 2>&1
  status=$?
  sums=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | awk '{p += $1; f += $3} END {print p + 0, f + 0}')
  passed=${sums% *} failed=${sums#* }
  if ! tail -n 1 "$log" | grep -qE '^[0-9]+ passed, [0-9]+ failed' || { [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; }; then
    failed=$((failed + 1))
    echo "FAIL $name: ended with status $status:"
    tail -n 25 "$log"
  elif [ "$failed" -gt 0 ]; then
    grep -E -A 6 '^FAIL|^[0-9]+\) |not ok' "$log" | head -80
  fi
  grep -E '^skip' "$log"
  echo "$name: $passed passed, $failed failed ($(($(date +%s) - begin)) s)"
  total_passed=$((total_passed + passed))
  total_failed=$((total_failed + failed))
}

# Every C test program of a build.
c_tests() {
  make -s -j"$jobs" "$@" c-tests || return 1
  directory=build
  case "$*" in *SANITIZE=1*) directory=build-sanitize ;; esac
  for program in "$directory"/tests/test_*; do
    case "$program" in *.d) continue ;; esac
    out=$(timeout 300 "$program" 2>&1)
    status=$?
    echo "$out"
    if ! echo "$out" | tail -n 1 | grep -qE '^[0-9]+ passed, [0-9]+ failed'; then
      echo "FAIL $program ended with status $status"
      echo "0 passed, 1 failed"
    fi
  done
}

lua_tests() { make -s -j"$jobs" all && timeout 900 build/moonlab tests/lua/run.lua; }
bits_tests() { make -s -j"$jobs" all && timeout 1200 build/moonlab tests/bits.lua; }
cli_tests() { make -s -j"$jobs" all && timeout 600 python3 tests/cli/run.py "$@"; }
plain_tests() { make -s -j"$jobs" READLINE=0 all && timeout 300 python3 tests/cli/run.py --program build/moonlab-plain; }
sanitized_tests() {
  make -s -j"$jobs" SANITIZE=1 all || return 1
  ASAN_OPTIONS=detect_leaks=0 timeout 900 build-sanitize/moonlab tests/lua/sanitized.lua
}

for p in $parts; do
  case $p in
  arrows) part arrows sh tests/arrows.sh ;;
  generated) part generated sh tests/generated.sh ;;
  c) part "C" c_tests ;;
  lua) part "Lua" lua_tests ;;
  bits) part "bits" bits_tests ;;
  cli) part "command line" cli_tests ;;
  sanitized)
    part "C, sanitized" c_tests SANITIZE=1
    part "Lua, sanitized" sanitized_tests
    ;;
  plain) part "without readline" plain_tests ;;
  *) echo "unknown part: $p" >&2; exit 2 ;;
  esac
done
echo "$total_passed passed, $total_failed failed"
[ "$total_failed" -eq 0 ]
