#!/usr/bin/env bash
# Runs FUNCTION on EVENTS, and compares CLOUDWATCH with a new run. action.yml describes the variables.
set -euo pipefail

dir=$(mktemp -d "${RUNNER_TEMP:-/tmp}/lambdakit.XXXXXX")
command=github.com/lambdakit/lambdakit/cmd/lambdakit
lambdakit=$dir/lambdakit
# The version that go.mod requires, or the checkout itself. Otherwise the version of the input.
if ! go build -o "$lambdakit" "$command" 2>"$dir/build"; then
  GOBIN=$dir go install "$command@${VERSION:-latest}" || { cat "$dir/build" >&2; exit 1; }
fi
"$lambdakit" version >&2

read -ra flags <<<"${FLAGS:-}"
events=()
while IFS= read -r file; do
  file=$(xargs <<<"$file")
  if [ -n "$file" ]; then events+=(-event "$file"); fi
done <<<"${EVENTS:-}"

output=$dir/output.ndjson
echo "output=$output" >>"${GITHUB_OUTPUT:-/dev/null}"
failed=
# A line of the function that begins with :: would be a command for the runner.
stop=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "::stop-commands::$stop"
"$lambdakit" run -raw ${flags[@]+"${flags[@]}"} ${events[@]+"${events[@]}"} "${FUNCTION:-.}" >"$output" || failed="an invocation failed"
cat "$output"
printf '\n::%s::\n' "$stop"

if [ -n "${CLOUDWATCH:-}" ]; then
  "$lambdakit" cloudwatch -check "$CLOUDWATCH" ${events[@]+"${events[@]}"} "${FUNCTION:-.}" || failed="${failed:+$failed, and }$CLOUDWATCH is out of date"
fi
if [ -n "$failed" ]; then
  echo "::error title=lambdakit::${FUNCTION:-.}: $failed"
  exit 1
fi
