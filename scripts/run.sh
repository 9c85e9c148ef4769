#!/bin/sh
# The README's two commands: `npm run demo` and `npm test`. On a fresh clone nothing is installed yet,
# so this installs the npm packages first, then goes on under the Node that is one of them (node@24).
set -eu
cd "$(dirname "$0")/.."

# What package-lock.json says, leaving it as it is. Not `npm ci`: that refuses a lock file without the optional
# binaries of platforms for which the registry at hand had none. npm must not run on the Node that it replaces.
install() {
  (PATH=$(printf %s "$PATH" | tr ':' '\n' | grep -v 'node_modules' | paste -sd: -) && npm install --no-save --loglevel=error)
}

if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo "Installing the npm packages of package-lock.json ..."
  install
  touch node_modules/.package-lock.json
fi

PATH="$PWD/node_modules/.bin:$PATH"
export PATH
task=$1
shift
case "$task" in
  demo) exec npm run --silent start --workspace demo -- "$@" ;;
  test) exec node scripts/test.mjs "$@" ;;
  *) echo "scripts/run.sh: '$task' is no task; write demo or test." >&2; exit 2 ;;
esac
