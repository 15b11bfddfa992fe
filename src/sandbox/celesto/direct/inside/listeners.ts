import { common } from './shell.ts';

/**
 * Shell that tells what listens, each second where it changed: in base64 a line each of family, address in hexadecimal,
 * port and program, as the kernel knows them (proc(5)), then the word `l`. It waits by reading the terminal, on which it
 * hears `p` and `x`. Which program it is costs a look at all processes, so only what is new is looked for.
 */
export const listenersScript = String.raw`
patience=120
${common}
found() {
  for family in tcp tcp6; do
    while read -r slot at other state queues timer again uid timeout inode more; do
      [ "$state" = 0A ] && echo $family $at $inode
    done </proc/net/$family
  done
}
# Sets name_INODE of every socket that we may see, to nothing where it is nobody's.
look_for() {
  for inode in $new; do eval "name_$inode="; done
  pid=
  while read -r line; do
    case $line in
      /proc/*:) pid=${'$'}{line#/proc/} pid=${'$'}{pid%%/*} ;;
      *' socket:['*)
        inode=${'$'}{line##*socket:\[} inode=${'$'}{inode%%\]*}
        case " $new " in *" $inode "*) read -r name </proc/$pid/comm && eval "name_$inode=\$name" ;; esac ;;
    esac
  done <<END
$(ls -l /proc/[0-9]*/fd)
END
}
tell() {
  new=
  while read -r family at inode; do
    case "$known " in *" $inode "*) ;; *) new="$new $inode" ;; esac
  done <<END
$now
END
  known=$known$new
  [ -z "$new" ] || look_for
  while read -r family at inode; do
    [ -n "$inode" ] || continue
    eval "name=\$name_$inode"
    case $name in *[!\ -~]*) name= ;; esac
    echo "$family ${'$'}{at%:*} $((0x${'$'}{at#*:})) $name"
  done <<END | base64
$now
END
}
known= last=none
while :; do
  now=$(found)
  if [ "$now" != "$last" ]; then
    tell >&9
    say l
    last=$now
  fi
  heard
  case $word in p) say p ;; x) end ;; esac
done
`;
