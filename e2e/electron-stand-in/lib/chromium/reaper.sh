#!/bin/sh
# Runs Chromium for the stand-in and clears up after it, however the stand-in ends.
#   $1        the folder that holds Chromium's profile and temporary files, removed at the end
#   $2 ...    Chromium's command line
#   fd 3, 4   the DevTools pipe, for Chromium alone
#   fd 5      closes when the stand-in has ended, by whatever way it ended
folder=$1
shift

"$@" 5<&- &
chromium=$!

# Chromium leaves by itself when the DevTools pipe closes. One that has not left after five seconds is killed.
(
  exec 3<&- 4<&-
  read -r _ <&5
  tries=0
  while [ $tries -lt 50 ] && kill -0 "$chromium" 2>/dev/null; do
    sleep 0.1
    tries=$((tries + 1))
  done
  kill -KILL "$chromium" 2>/dev/null
) &
watch=$!

exec 3<&- 4<&-
wait "$chromium"
code=$?
kill "$watch" 2>/dev/null
wait "$watch" 2>/dev/null

# Chromium's helpers end a moment after it and may still be writing.
tries=0
until rm -rf -- "$folder" 2>/dev/null || [ $tries -ge 50 ]; do
  sleep 0.1
  tries=$((tries + 1))
done
exit "$code"
