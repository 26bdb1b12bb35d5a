#!/bin/sh
# Installs what building, the demo and the tests need on Debian or Ubuntu, and nothing that is there already.
#   tools/packages.sh            build and demo
#   tools/packages.sh --tests    the tests too
set -eu

wanted="gcc libc6-dev binutils lua5.4 liblua5.4-dev libreadline-dev zlib1g-dev libzstd-dev libpng-dev libjpeg62-turbo-dev libsqlite3-dev libopenblas0-pthread dataset-fashion-mnist"
[ "${1:-}" = "--tests" ] && wanted="$wanted lua-unit python3 python3-pexpect python3-pyte"

missing=""
for package in $wanted; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "these packages are needed, and there is no apt-get to install them:$missing" >&2
  exit 1
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "please install as root: apt-get install$missing" >&2
    exit 1
  fi
  as_root="sudo"
fi
echo "installing:$missing"
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
