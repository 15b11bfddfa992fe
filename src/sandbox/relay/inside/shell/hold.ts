import { asWritten } from './asWritten.ts';

/**
 * Shell that holds one command as a daemon of its own, so that it outlives every connection. Nothing connects to it: who
 * follows reads the log's files, and what a job is told is left in its folder, such as `quit`. It looks a few times a
 * second.
 */
export const holdPart = asWritten`
hold() {
  named "$1"
  trap : HUP INT TERM
  exec </dev/null >/dev/null 2>&1
  # Whoever began it may have given up on us.
  cd "$job" && mkdir l || exit 1
  open_job || finish "refused $why"
  until [ -e end ]; do
    # Its folder was removed: nothing can be told of it any more.
    if [ ! -e holder ]; then
      kill_members "$pid" "AIRLOCK_JOB=$op"
      kill -CONT "$parent"
      exit 1
    fi
    clock
    followed || [ -e told ] && contact=$now && rm -f told
    see_end
    if [ -e quit ]; then
      stop abort
    elif [ -n "$until" ] && [ -z "$ended" ] && [ $now -ge $until ]; then
      stop deadline
    elif [ $((now - contact)) -gt 3000 ]; then
      if [ -z "$keep" ]; then stop abort; elif ! has_room; then trim $((end - most / 2)); fi
    fi
    [ -e end ] || rest
  done
  sweep
}

open_job() {
  stand $$
  echo "$$ $s_group $s_born" >holder
  head -c 200 spec | tr '\000\n' '\n\000' >first
  { read -r until; read -r keep; read -r input; } <first
  clock
  contact=$now ended=
  in_hundredths "$until" && until=$((now + parsed)) || until=
  mkdir i l/f
  mkfifo in out err lock || return
  exec 9<>lock 6<>in 7<>out 8<>err
  echo >&9
  : >"l/$origin"
  echo "0 l/$origin" >l/tail
  apart lead "$op" 6>&- 7>&- 8>&- 9>&-
  turns=0 why='There is no process left'
  until [ -e up ]; do
    [ -e why ] && why=$(cat why) && return 1
    # It was too long for the kernel.
    [ -e code ] && why='Argument list too long' && return 1
    # Whoever makes this folder goes on.
    [ $turns -lt 200 ] || ! mkdir begun || return 1
    rest
  done
  read -r pid parent program <pid
  exec 3<out 4<err 5>in 6>&- 7>&- 8>&-
  add_text S ''
  # A redirection of a function would keep what it replaces.
  { exec 4<&- 5>&- && pump o; } &
  { exec 3<&4 4<&- 5>&- && pump e; } &
  [ -z "$input" ] || { exec >&5 3<&- 4<&- 5>&- && feed; } &
  exec 3<&- 4<&- 5>&-
  rm -f spec noted first
  turns=0
}
in_hundredths() {
  part=$(printf %.2s "\${1#*.}00")
  case $1 in *.*) ;; *) part=00 ;; esac
  number "\${1%%.*}" && number "1$part" && parsed=$((\${1%%.*} * 100 + 1$part - 100))
}

see_end() {
  if [ -z "$ended" ]; then
    runs "$pid" && return
    how_ended
    ends_at
    from=$end last=$end calm=0 turns=0
  fi
  ends_at
  if [ -e eof.o ] && [ -e eof.e ] || [ $((end - from)) -gt $most ]; then calm=9
  elif drained o && drained e && [ $end = $last ]; then calm=$((calm + 1))
  else calm=0 last=$end
  fi
  # Ended for us while we were stopped: what it started may be left.
  [ $calm -lt 3 ] || [ -e quit ] || finish "$ended"
}
# All that was written to this stream is in the log: its reader sleeps, or there will be none.
drained() {
  [ -e "eof.$1" ] && return
  { read -r reader <"reader.$1"; } 2>/dev/null
  number "$reader" && stand "$reader" && [ "$s_state" = S ]
}
# What the kernel tells is believed where the parent saw the same. It is hidden where the command became another user.
how_ended() {
  stand "$pid" || s_status=0 s_name=
  name=$s_name low=$((s_status & 127)) high=$((s_status >> 8 & 255))
  release
  code=
  { read -r code <code; } 2>/dev/null
  ended="exited $high"
  case $code:$low:$high in
    125:[1-9]*) ended="signaled $low" ;;
    124:0:255 | 0:0:0 | 123:0:[1-9]*) ;;
    126:0:126 | 127:0:127) ;;
    :[1-9]*) ended="signaled $low" ;;
    :*) ;;
    0:*) ended='exited 0' ;;
    124:*) ended='exited 255' ;;
    125:*) ended='signaled 9' ;;
    *) ended='exited 1' ;;
  esac
  # It is still what was to become the program.
  case $ended:$name in
    'exited 12'[67]:env | 'exited 12'[67]:setsid) [ "\${program##*/}" = "$name" ] || ended='refused It cannot be run' ;;
  esac
}
release() {
  kill -CONT "$parent"
  turns=0
  until [ -s code ] || [ $turns -gt 60 ]; do rest; done
}

stop() {
  [ ! -e end ] || return
  kill_members "$pid" "AIRLOCK_JOB=$op" && how="stopped $1 group" || how="unverified $1"
  release
  turns=0
  until { drained o || ! has_room; } && { drained e || ! has_room; } || [ $turns -gt 40 ]; do rest; done
  finish "$how"
}
finish() {
  if [ -e l/tail ]; then add_text x "$1"; fi
  clock
  echo "$now" >l/over
  printf %s "$1" >end.new && mv end.new end
  for each in *; do
    case $each in end | l) ;; *) rm -rf "$each" ;; esac
  done
}
`;
