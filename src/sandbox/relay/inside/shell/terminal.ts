import { asWritten } from './asWritten.ts';

/**
 * Shell that takes over a terminal's shell: it reads what to run, a line of base64 (size, folder, count, variables,
 * arguments), puts the terminal back to its usual ways, and tells by invisible marks that the program runs and how it ended.
 * Nothing may stand between us and the program that an interrupt would end, so no xargs makes its arguments here.
 */
export const terminalPart = asWritten`
mark() { printf '\033]8737;%s;%s\007' "$name" "$1"; }
# Runs a function of ours with what comes, separated by NULs, behind the other words.
with_fields() {
  field=
  for byte in $(od -An -v -to1 <"$spelled"); do
    if [ "$byte" != 000 ]; then field="$field\\0$byte"; continue; fi
    field=$(printf %b. "$field")
    set -- "$@" "\${field%.}"
    field=
  done
  "$@"
}

term() {
  named "$1"
  name=$1
  mark ask
  IFS= read -r line || exit 1
  spelled=$root/t-$name
  {
    [ ! -e "$root/env" ] || cat "$root/env"
    printf '.\000'
    printf %s "$line" | base64 -d
    printf '\000'
  } >"$spelled"
  with_fields take_over
}
take_over() {
  rm -f "$spelled"
  path=/bin:/usr/bin kept=0
  remember "TERM=$TERM"
  until [ "$1" = . ]; do
    remember "$1"
    shift
  done
  stty sane rows "$2" cols "$3" 2>/dev/null
  with_variables stand_in "AIRLOCK_TERMINAL=$name" "$@"
}
stand_in() {
  case $terminal in '' | dumb) remember TERM=xterm-256color ;; esac
  cd -P -- "$cwd" 2>/dev/null || { mark "refused There is no folder $cwd"; return; }
  runnable "$1" || { mark "refused There is no program $1"; return; }
  # Handled, not ignored: what we start hears them.
  trap : INT QUIT TSTP TTOU TTIN HUP
  mark up
  via=
  (become "$@")
  code=$?
  trap '' TTOU
  mark "exited $code"
}
`;
