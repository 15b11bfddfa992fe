import { asWritten } from './asWritten.ts';

/** Shell that begins a job for a single request and follows it, in the answer's lines; see `follow.ts`. */
export const goPart = asWritten`
standard_input() { base64 -d 2>/dev/null; }
go() {
  named "$1"
  mkdir "$job" 2>/dev/null || { [ -e "$job" ] && say_line .dup || say_line .failed; return; }
  name=$2
  shift 3
  {
    [ ! -e "$root/p-$op" ] || cat "$root/p-$op"
    standard_input
    printf '\000'
  } >"$job/spec"
  rm -f "$root/p-$op"
  cat "$root/env" >"$job/noted" 2>/dev/null
  apart hold "$op" </dev/null >/dev/null 2>&1
  seen
  turns=0
  until [ -s "$job/l/tail" ]; do
    # Whoever makes the folder of the log goes on: it is never begun after this answer.
    if [ $turns -gt 200 ] && mkdir "$job/l" 2>/dev/null; then
      printf %s 'refused There is no process left' >"$job/end"
      say_line .failed
      return
    fi
    rest
  done
  join_in "$name" 0
  follow_on "$name" 0 "$@"
}
`;
