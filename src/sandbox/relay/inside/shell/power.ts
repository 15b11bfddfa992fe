import { asWritten } from './asWritten.ts';

/** Shell that ends a terminal's processes, and that shuts the computer down after a time without a sign of life. */
export const powerPart = asWritten`
dead() { kill_members -1 "$1" && say_line .dead || say_line .alive; }

power_off() {
  for who in '' 'sudo -n'; do
    for how in 'systemctl poweroff' poweroff 'shutdown -h now' 'halt -p'; do
      command -v \${how%% *} >/dev/null && $who $how >/dev/null 2>&1 && return
    done
  done
}

watch() {
  number "$1" || exit 2
  old=
  { read -r old <"$root/watch"; } 2>/dev/null
  if number "$old" && [ "$old" -gt 1 ]; then
    case $(tr '\000' ' ' <"/proc/$old/cmdline" 2>/dev/null) in *' watch '*) kill -KILL "-$old" "$old" ;; esac
  fi 2>/dev/null
  rm -f "$root/watch"
  if [ "$1" -eq 0 ]; then say_line .ok; return; fi
  PATH=\${PATH:-/usr/bin:/bin}:/usr/sbin:/sbin
  export PATH
  apart watch "$1" on </dev/null >/dev/null 2>&1
  turns=0
  until [ -s "$root/watch" ]; do
    if [ $turns -gt 100 ]; then say_line .failed; return; fi
    rest
  done
  say_line .ok
}
# Slept seconds are counted, not read from the clock: a computer that was restored elsewhere gets its full time.
watch_on() {
  trap '' HUP
  echo $$ >"$root/watch"
  slept=0 step=20 last=
  [ "$1" -ge 40 ] || step=1
  { read -r last <"$root/seen"; } 2>/dev/null
  while :; do
    sleep $step
    slept=$((slept + step))
    { read -r now <"$root/seen"; } 2>/dev/null
    if [ "$now" != "$last" ]; then slept=0 last=$now; fi
    echo $slept >"$root/idle"
    if [ $slept -ge "$1" ]; then
      power_off
      slept=0
    fi
  done
}
`;
