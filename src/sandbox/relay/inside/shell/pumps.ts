import { asWritten } from './asWritten.ts';

/**
 * Shell that carries bytes between a command and its job's files. `reader.o` and `reader.e` hold the process that waits
 * for more output: while it sleeps, all that was written is in the log.
 */
export const pumpsPart = asWritten`
is_over() { [ -e end ] || [ ! -e holder ]; }
# Output, from descriptor 3. What comes once the job is over is read, so that what was left behind can go on writing.
pump() {
  trap '' HUP INT TERM
  while :; do
    turns=0
    until is_over || has_room; do
      echo full >"reader.$1"
      rest
    done
    is_over && exec cat <&3 >/dev/null
    dd bs=65536 count=1 <&3 >"piece.$1" 2>/dev/null &
    echo $! >"reader.$1"
    wait $!
    status=$?
    is_over && exec cat <&3 >/dev/null
    length=$(($(wc -c <"piece.$1")))
    if [ $length -gt 0 ]; then
      add_file "$1" $length "piece.$1" || exec cat <&3 >/dev/null
    elif [ $status = 0 ]; then
      : >"eof.$1"
      return
    else
      nap 0.1
    fi
  done
}

# Input, to standard output: pieces that are named by their offset and length, in any order and overlapping.
feed() {
  trap '' HUP INT TERM
  fed=0 reported=0 turns=0
  until is_over; do
    next_piece
    if [ -n "$next" ] && [ $((fed - reported)) -lt 65536 ]; then
      if ! tail -c +$((fed - at + 1)) "$next" 2>/dev/null; then
        : >deaf
        add_text i "$fed closed"
        return
      fi
      fed=$((at + length)) turns=0
      rm -f "$next"
    elif [ $fed != $reported ]; then
      reported=$fed
      add_text i $fed
    elif { read -r whole <inend; } 2>/dev/null && [ "$whole" = $fed ]; then
      return
    else
      rest
    fi
  done
}
next_piece() {
  next=
  for each in i/1*; do
    at=\${each#i/} length=\${each##*-}
    at=\${at%-*}
    number "$at" && number "$length" || return
    at=$((at - origin))
    if [ $((at + length)) -gt $fed ]; then
      [ $at -gt $fed ] || next=$each
      return
    fi
    rm -f "$each"
  done
}
`;
