import { asWritten } from './asWritten.ts';

/**
 * Shell that every part of the program uses: time, answers, what the kernel tells of processes. Whatever is read may be
 * hostile: it is quoted, numbers are looked at before they are counted with, and nothing of it is ever evaluated.
 */
export const commonPart = asWritten`
umask 077
LC_ALL=C
export LC_ALL
unset CDPATH
root=\${0%/*}
jobs=$root/j
most=1048576
# Offsets in names: all as long as each other, and none begins with a zero.
origin=1000000000000000

say_line() { printf '%s\n' "$1"; }
number() { case $1 in '' | 0?* | *[!0-9]* | ?????????????????*) return 1 ;; esac; }
# Seconds, of which some systems know only whole ones.
nap() { sleep "$1" 2>/dev/null || sleep 1; }
# A pause that is longer the longer something takes. TURNS counts them.
rest() {
  turns=$((turns + 1))
  if [ $turns -lt 20 ]; then nap 0.02; elif [ $turns -lt 60 ]; then nap 0.05; elif [ $turns -lt 600 ]; then nap 0.2; else nap 0.5; fi
}
# Hundredths of a second since the boot, which no clock that is set back changes.
clock() {
  read -r up _ </proc/uptime
  now=$((\${up%.*} * 100 + 1\${up#*.} - 100))
}
seen() {
  read -r up _ </proc/uptime
  { echo "$up" >"$root/seen"; } 2>/dev/null
}
# Runs our program in a session of its own, which nobody waits for. The second setsid leads a group, so it forks. What a
# shell starts with an ampersand instead is deaf to an interrupt, and so is all that it starts.
apart() { setsid setsid sh "$0" "$@"; }

# What proc(5) tells of a process.
stand() {
  told=
  { while IFS= read -r line; do told="$told$line "; done <"/proc/$1/stat"; } 2>/dev/null
  case $told in *')'*) ;; *) return 1 ;; esac
  s_name=\${told#*(} s_name=\${s_name%)*}
  set -- \${told##*)}
  [ $# -ge 50 ] || return 1
  s_state=$1 s_group=$3 s_session=$4 s_born=\${20} s_memory=\${21} s_status=\${50}
}
runs() { stand "$1" && case $s_state in Z | X) return 1 ;; esac; }
carries() { [ -n "$2" ] && { tr '\n\000' '\001\n' <"/proc/$1/environ" | grep -qxF -e "$2"; } 2>/dev/null; }
# Processes that carry a job's mark or are of its session, the dead, ourselves and the kernel's own left out.
members() {
  found=
  for folder in /proc/[0-9]*; do
    one=\${folder#/proc/}
    [ "$one" != $$ ] && runs "$one" && [ "$s_memory" != 0 ] || continue
    [ "$s_session" = "$1" ] || [ "$one" = "$1" ] || carries "$one" "$2" || continue
    found="$found $one"
  done
}
# Kills until none is left; true once that was seen.
kill_members() {
  tries=0
  while [ $tries -lt 100 ]; do
    members "$1" "$2"
    [ -n "$found" ] || return 0
    kill -KILL $found 2>/dev/null
    tries=$((tries + 1))
    nap 0.03
  done
  return 1
}

# The bytes of a record: its type, its length, and what is left of it is printed by others.
octal() { octals=$octals\\0$(($1 >> 6 & 3))$(($1 >> 3 & 7))$(($1 & 7)); }
record_head() {
  octals=
  octal $(($2 >> 24))
  octal $(($2 >> 16))
  octal $(($2 >> 8))
  octal "$2"
  printf %b "$1$octals"
}
# What holds a job, where it still does.
holding() {
  { read -r holder group born <"$job/holder"; } 2>/dev/null || return 1
  number "$holder" && number "$group" && runs "$holder" && [ "$s_born" = "$born" ]
}
# A command may have stopped what holds it.
wake() { kill -CONT "-$group" 2>/dev/null || :; }
named() {
  case $1 in '' | .* | *[!A-Za-z0-9._-]*) exit 2 ;; esac
  op=$1 job=$jobs/$1
}
`;
