import { asWritten } from './asWritten.ts';

/** Shell for single requests that are about a job, or before it: each answers with one word; see `follow.ts`. */
export const tellPart = asWritten`
# Tells a job what is in the records, in their order.
ctl() {
  named "$1"
  # A job that is just being begun has its folder, and cannot be told anything yet.
  if [ -e "$job/end" ]; then say_line .over; return; fi
  if [ ! -e "$job/up" ] || ! holding; then say_line .none; return; fi
  wake
  told=$job/t.$$ at=0
  if ! standard_input >"$told"; then
    rm -f "$told"
    say_line .lost
    return
  fi
  : >"$job/told"
  size=$(($(wc -c <"$told")))
  while [ $((at + 5)) -le $size ]; do
    set -- $(bytes_of 13 | od -An -v -tu1)
    length=$((($2 << 24) + ($3 << 16) + ($4 << 8) + $5))
    at=$((at + 5))
    # A part of a record is none.
    [ $((at + length)) -le $size ] || break
    heed "$@"
    at=$((at + length))
  done
  rm -f "$told"
  if [ $at = $size ]; then say_line .ok; else say_line .lost; fi
}
bytes_of() { tail -c +$((at + 1)) "$told" 2>/dev/null | head -c "$1"; }
# A record by its first thirteen bytes: type, length, and how what it tells begins.
heed() {
  case "$1 $length $6 $7 $8 $9" in
    '73 '*) [ $length -le 8 ] || take_in "$@" ;;
    '90 '*)
      [ $length -gt 15 ] || whole=$(bytes_of $length | tr -dc 0-9)
      number "$whole" && echo "$whole" >"$job/inend"
      ;;
    '75 3 73 78 84 '*) signal INT ;;
    '75 4 84 69 82 77') signal TERM ;;
    '75 4 75 73 76 76') signal KILL ;;
    '81 '*)
      : >"$job/quit"
      apart sure "$op" </dev/null >/dev/null 2>&1
      ;;
  esac
}
signal() {
  { read -r pid _ <"$job/pid"; } 2>/dev/null
  number "$pid" && [ "$pid" -gt 1 ] && [ ! -e "$job/end" ] && kill "-$1" "-$pid" 2>/dev/null
}
# Input, named by where it begins and how long it is. What would be too much is sent again when there is room.
take_in() {
  [ -e "$job/deaf" ] && return
  waiting=0
  for each in "$job"/i/1*; do
    one=\${each##*-}
    number "$one" && waiting=$((waiting + one))
  done
  [ $waiting -le $most ] || return
  begins=$(((($8 << 40) + ($9 << 32) + (\${10} << 24) + (\${11} << 16) + (\${12} << 8) + \${13})))
  at=$((at + 8))
  bytes_of $((length - 8)) >"$told.in" && mv "$told.in" "$job/i/$((origin + begins))-$((length - 8))"
  at=$((at - 8))
}

# A job that was told to end may not hear it: its command may stop it again and again. A program that the command does
# not know of sees to it then.
sure() {
  named "$1"
  holding || return
  { read -r pid _ <"$job/pid"; } 2>/dev/null
  turns=0
  until [ -e "$job/end" ]; do
    [ $turns -lt 70 ] || break
    rest
  done
  number "$pid" || pid=-1
  [ -e "$job/end" ] || kill_members "$pid" "AIRLOCK_JOB=$op"
  turns=0
  until [ -e "$job/end" ] || [ $turns -gt 80 ]; do
    wake
    rest
  done
}

# One piece of what is too long for a command line. N is how long the whole was before.
part() {
  named "$1"
  pieces=$root/p-$op
  piece=$pieces.$$
  word=failed
  if number "$2" && standard_input >"$piece" && : >>"$pieces"; then
    had=$(($(wc -c <"$pieces"))) more=$(($(wc -c <"$piece")))
    if [ $had -eq "$2" ]; then
      cat "$piece" >>"$pieces" && word=ok
    elif [ $had -eq $(($2 + more)) ]; then
      word=ok
    fi
  fi
  rm -f "$piece"
  say_line ".$word"
}

# Makes sure that an operation that has not begun never will.
void() {
  named "$1"
  if ! mkdir "$job" 2>/dev/null; then say_line .dup; return; fi
  printf %s void >"$job/end"
  say_line .void
}
`;
