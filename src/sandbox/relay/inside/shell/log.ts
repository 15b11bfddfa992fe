import { asWritten } from './asWritten.ts';

/**
 * Shell that keeps a job's log: the same stream of records as in the other languages (type, length, bytes), in files that
 * are named by the offset of their first record. `l/tail` holds where the log ends and the file that is written to. Who
 * writes first takes the one line that lies in the pipe `lock` and puts it back afterwards, so a wait costs nothing.
 * What followers have for good is deleted file by file; when a megabyte is left, nothing more is read from the command.
 */
export const logPart = asWritten`
ends_at() {
  until { read -r end file <"$job/l/tail"; } 2>/dev/null && number "$end" && number "\${file#l/}"; do
    [ -e "$job/l/tail" ] || return 1
    nap 0.01
  done
}
begins_at() {
  set -- "$job"/l/1*
  start=\${1##*/}
  number "$start" && start=$((start - origin))
}
# TYPE LENGTH, then a file or a text. False once the job is over: nothing follows its end.
add() {
  read -r _ <&9
  if [ -e end ] || ! ends_at; then
    echo >&9
    return 1
  fi
  [ $((end + origin - \${file#l/})) -lt 131072 ] || file=l/$((origin + end))
  # Where there is no room, what was half written is passed over: a reader goes by the names.
  until { record_head "$1" "$2" && if [ $# -gt 3 ]; then cat "$4"; else printf %s "$3"; fi; } >>"$file"; do
    file=l/$((origin + end))
    nap 0.5
    : >"$file"
  done
  echo "$((end + 5 + $2)) $file" >l/tail
  echo >&9
}
add_text() { add "$1" \${#2} "$2"; }
add_file() { add "$1" "$2" '' "$3"; }
has_room() { ends_at && begins_at && [ $((end - start)) -lt $most ]; }
# Drops what lies before an offset, whole files at a time.
trim() {
  before=
  for each in "$job"/l/1*; do
    number "\${each##*/}" || continue
    [ -n "$before" ] && [ $((\${each##*/} - origin)) -le "$1" ] && rm -f "$before"
    before=$each
  done
}

# Whether somebody follows; LEAST is what all of them have for good. Who is gone is forgotten.
followed() {
  least=
  for each in "$job"/l/f/*; do
    { read -r who since has <"$each"; } 2>/dev/null || continue
    if number "$who" && number "$has" && runs "$who" && [ "$s_born" = "$since" ]; then
      if [ -z "$least" ] || [ "$has" -lt "$least" ]; then least=$has; fi
    else
      rm -f "$each"
    fi
  done
  [ -n "$least" ]
}
# NAME OFFSET: we follow from there. Who followed by the same name before does so no more.
join_in() {
  stand $$
  echo "$$ $s_born $2" >"$job/l/$$" && mv "$job/l/$$" "$job/l/f/$1"
}
still_in() { { read -r who _ <"$job/l/f/$1"; } 2>/dev/null && [ "$who" = $$ ]; }
# The logs of jobs that are over are kept for a while, should what was sent of them not have arrived.
sweep() {
  clock
  for each in "$jobs"/*/l/over; do
    old=\${each%/over} keep_for=60000
    { read -r since <"$each"; } 2>/dev/null || continue
    if [ -e "$old/sent" ]; then
      read -r since <"$old/sent"
      keep_for=6000
    fi
    number "$since" && [ $((now - since)) -lt $keep_for ] && continue
    rm -rf "$old"
  done
}
`;
