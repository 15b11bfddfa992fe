import { asWritten } from './asWritten.ts';

/**
 * Shell for single requests: each mode is one command line, its input on standard input in base64, and answers in lines.
 * `@N` names the log's offset of what follows (`@=` for an end alone), then base64 lines, an empty one now and then,
 * and last a word: `.end` all was sent, `.more` the window is full, `.idle` the time is over, `.dup`, `.none`, `.lost`.
 */
export const followPart = asWritten`
summary() {
  if [ ! -e "$job/end" ]; then
    [ -e "$job" ] && say_line .lost || say_line .none
    return
  fi
  say_line @=
  {
    record_head x $(($(wc -c <"$job/end")))
    cat "$job/end"
  } | as_line
  say_line .end
}
as_line() {
  base64 | tr -d '\n'
  echo
}

follow() {
  named "$1"
  { holding && wake || [ -e "$job/end" ]; } && ends_at && begins_at || { summary; return; }
  name=$2 from=$3
  shift 3
  number "$from" && [ "$from" -ge $start ] || from=$start
  [ "$from" -le $end ] || from=$end
  join_in "$name" "$from"
  followed && trim $least
  follow_on "$name" "$from" "$@"
}
# NAME OFFSET, then WINDOW bytes at most; SECONDS in all; with QUIET (in hundredths) an answer ends once it was quiet for so
# long, or ten times as long after its first bytes.
follow_on() {
  name=$1 at=$2 window=$3 quiet=$5 sent=0 turns=0
  clock
  until=$((now + $4 * 100)) beat=$((now + 1500))
  say_line "@$at"
  word=
  while [ -z "$word" ]; do
    over=
    [ -e "$job/end" ] && over=1
    if ! ends_at; then word=idle
    elif [ $at -lt $end ]; then
      give
      if [ $sent -ge $window ]; then word=more; elif is_late; then word=idle; fi
    elif [ -n "$over" ]; then
      word=end
      echo "$now" >"$job/l/sent"
    else
      wait_more
    fi
  done
  still_in "$name" && rm -f "$job/l/f/$name"
  say_line ".$word"
}
# Some of what there is, from one of the log's files.
give() {
  for each in "$job"/l/1*; do
    number "\${each##*/}" || continue
    opens=$((\${each##*/} - origin))
    [ $opens -le $at ] || { [ $opens -ge $end ] || end=$opens; break; }
    file=$each begins=$opens
  done
  length=$((end - at))
  [ $length -lt 49152 ] || length=49152
  [ $length -le $((window - sent)) ] || length=$((window - sent))
  tail -c +$((at - begins + 1)) "$file" 2>/dev/null | head -c $length | as_line
  clock
  [ $sent -gt 0 ] || begun=$now
  at=$((at + length)) sent=$((sent + length)) turns=0
  beat=$((now + 1500))
}
is_late() { [ $now -ge $until ] || { [ $quiet -gt 0 ] && [ $((now - begun)) -ge $((quiet * 10)) ]; }; }
wait_more() {
  if [ $quiet -gt 0 ] && [ $sent -gt 0 ]; then
    quietly=$((100 + quiet % 100))
    nap "$((quiet / 100)).\${quietly#1}"
    ends_at && [ $at -lt $end ] || [ -e "$job/end" ] || word=idle
    return
  fi
  rest
  clock
  if [ $now -ge $until ] || ! still_in "$name"; then word=idle
  elif ! holding && [ ! -e "$job/end" ]; then word=lost
  elif [ $now -ge $beat ]; then
    say_line ''
    beat=$((now + 1500))
  fi
}
`;
