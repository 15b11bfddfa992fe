import { pieceCost, startCredit } from '../pieces.ts';
import { carryByNode } from './carryByNode.ts';
import { common } from './shell.ts';

/** Credit that the shell gives: what it is sent fits into a pipe, so that reading the terminal never waits for the server. */
const shellCredit = 32_768;

/**
 * Shell that carries one connection to a port inside. It says `u` where it has nothing to connect with, `r` where nothing
 * listens, else `o` with the credit for what it is sent: characters of base64, and some more for each piece. Then bytes
 * come in base64; `e` tells their end, `f` that they end once what it is sent has ended, `c` more credit, `x` that all is
 * over. It hears `d` with a length before a line of base64, `e` at the end of those, `c` more credit for its own, `p` a
 * sign of life, which it returns, and `x` the end.
 *
 * Node does all of that by itself. Else socat or a netcat connects, one loop of the shell decodes what comes for it, and
 * another encodes what it gives. Whether something listens is read from the kernel (proc(5)): no server meets a
 * connection that only tries.
 */
export function carryScript(port: number): string {
  return String.raw`
port=${port} patience=5
${common}
# Which address leads to a listener: 127.0.0.1, or else ::1.
listens() {
  hex=$(printf %04X $port) local4= local6= any=
  while read -r slot at other state more; do
    [ "$state" = 0A ] || continue
    case $at in
      0100007F:$hex | 00000000:$hex | 0000000000000000FFFF00000100007F:$hex | 0000000000000000FFFF000000000000:$hex) local4=1 ;;
      00000000000000000000000000000000:$hex) any=1; if grep -q '^0*1 ' /proc/net/if_inet6; then local6=1; else local4=1; fi ;;
      00000000000000000000000001000000:$hex) local6=1 ;;
    esac
  done <<END
$(cat /proc/net/tcp /proc/net/tcp6)
END
  family=4 host=127.0.0.1 address=127.0.0.1
  [ -n "$local4" ] || family=6 host=::1 address='[::1]'
  [ -n "$local4$local6" ]
}
connect() {
  [ $carrier != socat ] || exec socat -t 86400 - "TCP$family:$address:$port"
  # OpenBSD's has to be told to close its half; the traditional one not to leave at the end of its input, and it knows no IPv6.
  case $($carrier -h 2>&1 </dev/null) in
    *[!a-z]-N[!a-z]*) exec $carrier -N $host $port ;;
    *'-q secs'*) [ -z "$any" ] || host=127.0.0.1; exec $carrier -q 86400 $host $port ;;
    *) exec $carrier $host $port ;;
  esac
}

# What is sent comes by descriptor 5, credit by 6.
inward() {
  while IFS=' ' read -r word n <&5; do
    [ "$word" != e ] || break
    [ "$word" = d ] || continue
    take $n <&5 | base64 -d
    say c $((n + ${pieceCost}))
  done
}
outward() {
  may=${startCredit}
  while :; do
    while [ $may -le 0 ]; do read -r n <&6 || return; may=$((may + n)); done
    text=$(dd bs=24576 count=1 | base64 | tr -d '\n')
    [ -n "$text" ] || break
    printf '%s\n' "$text" >&9
    may=$((may - ${'$'}{#text}))
  done
  say x
}
# The server has sent all, and it was read.
server_ended() {
  for inode in $(ls -l /proc/$1/fd | sed -n 's/.*socket:\[\([0-9]*\)\].*/\1/p'); do
    grep -Eq " 08 [^ ]+:0+ [^ ]+ +[^ ]+ +[^ ]+ +[^ ]+ $inode " /proc/net/tcp /proc/net/tcp6 && return
  done
  return 1
}
# Some that connect do not tell when the server has ended its half. They leave once ours ends as well.
connection() {
  exec 7<&0
  connect <&7 &
  exec 7<&- </dev/null >/dev/null
  looks=0
  while kill -0 $! && ! server_ended $!; do
    looks=$((looks + 1))
    { [ $looks -lt 20 ] && sleep 0.1; } || sleep 1
  done
  ! kill -0 $! || say f
  wait $!
}
carry() {
  folder=$(mktemp -d) && mkfifo "$folder/5" "$folder/6" || end
  exec 5<>"$folder/5" 6<>"$folder/6"
  rm -r "$folder"
  say o ${shellCredit}
  inward | connection | outward &
}

for carrier in node socat nc ncat netcat ''; do [ -z "$carrier" ] || command -v $carrier >/dev/null && break; done
[ "$carrier" != node ] || exec node -e '${carryByNode}' $port
if [ -z "$carrier" ]; then say u; elif listens; then carry; else say r; fi
while heard; do
  case $word in
    d) { echo d $n; take $n; } >&5 ;;
    e) echo e >&5 ;;
    c) echo $n >&6 ;;
    p) say p ;;
    x) end ;;
  esac
done
`;
}
