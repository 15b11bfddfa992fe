/** Exit codes of {@link downloadScript} besides 0; without 0 a reply is incomplete. */
const downloadExit = {
  /** The root is not a folder. */
  noRoot: 66,
  /** A tool failed or there was no room for temporary files. */
  failed: 70,
} as const;

/**
 * The program that runs inside for a pull; its reply is described in `core/sync/pullReply.ts`.
 *
 * `sh -c <script> airlock list ROOT KEY SINCE MAXFILE MAXTOTAL [PATTERN…]` lists everything below ROOT except `.git`, an
 * upload's staging and what the patterns (of `find -path`) match. KEY names the cache of former listings for this root and these patterns.
 * `sh -c <script> airlock want ROOT` sends the files whose NUL-ended names, each below `./`, come on its standard input.
 *
 * A row is one line, since every other tool here reads lines. A path never holds `//`, so `//n` stands for a newline in
 * it and `//=` ends it.
 */
export const downloadScript = String.raw`
set -u
LC_ALL=C
export LC_ALL
umask 077
verb=$1 root=$2
shift 2
cache=${'$'}{HOME:-/nonexistent}/.cache/airlock
[ -d "$cache" ] || mkdir -p -- "$cache" 2>/dev/null
work=$(mktemp -d "$cache/pull.XXXXXX" 2>/dev/null) || work=$(mktemp -d) || exit ${downloadExit.failed}
trap 'rm -rf -- "$work"' EXIT
trap 'exit ${downloadExit.failed}' HUP INT TERM PIPE
if [ -L "$root" ] || ! cd -- "$root" 2>/dev/null; then exit ${downloadExit.noRoot}; fi

send_files() {
  case $(tar --version 2>/dev/null) in
    *"GNU tar"*) tar -cf - --null --no-unquote --no-recursion --hard-dereference -T "$1" ;;
    *busybox*) xargs -0 tar -cf - --no-recursion <"$1" ;;
    *) xargs -0 tar -cnf - <"$1" ;;
  esac 2>"$work/tar"
  status=$?
  [ "$status" -lt 124 ]
}
finish() { printf '%-511s\n' "airlock-end $1 $2"; }

if [ "$verb" = want ]; then
  cat >"$work/want" || exit ${downloadExit.failed}
  printf 'airlock-pull 1 want - %s 0 0 0\n' "$(date +%s)"
  if [ -s "$work/want" ]; then send_files "$work/want" || exit ${downloadExit.failed}; fi
  finish 0 0
  exit 0
fi

key=$1 since=$2 maxfile=$3 maxtotal=$4
shift 4
newline='
'
count=$#
set -- "$@" -name .git -o -path './.airlock-stage-*'
while [ "$count" -gt 0 ]; do
  pattern=$1
  shift
  set -- "$@" -o -path "$pattern"
  count=$((count - 1))
done

list_gnu() {
  head='%m %i %s %T@ %C@ %P//='
  find . -mindepth 1 \( "$@" \) -prune -o \( \
    -type f -printf "f $head\n" -o \
    -type d -printf "d $head\n" \( -readable -executable -o -printf 'u %P//=\n' -prune \) -o \
    -type l \( -lname "*$newline*" -printf "l $head\n" -o -printf "l $head%l\n" \) -o \
    ! -type d -printf "o $head\n" \)
}
list_stat() {
  explained='^u '
  option=$1 head=$2
  shift 2
  find . -mindepth 1 \( "$@" \) -prune -o -type f -exec stat "$option" "f $head" {} + -o \
    -type d -exec stat "$option" "d $head" {} + \
      -exec sh -c 'for d do { [ -r "$d" ] && [ -x "$d" ]; } || printf "u %s//=\n" "$d"; done' airlock {} + -o \
    -type l -exec sh -c '
      option=$1 head=$2 newline="
"
      shift 2
      for l do
        row=$(stat "$option" "l $head" "$l" && printf x) || continue
        to=$(readlink "$l" && printf x)
        to=${'$'}{to%?x}
        case $to in *"$newline"*) to= ;; esac
        printf "%s%s\n" "${'$'}{row%?x}" "$to"
      done' airlock "$option" "$head" {} + -o \
    -exec stat "$option" "o $head" {} +
}
list() {
  if find . -maxdepth 0 -printf '' 2>/dev/null; then
    list_gnu "$@"
  elif stat -c %i . >/dev/null 2>&1; then
    list_stat -c '%a %i %s %Y %Z %n//=' "$@"
  else
    list_stat -f '%Lp %i %z %Fm %Fc %N//=' "$@"
  fi
}
digest() { sha256sum 2>/dev/null || shasum -a 256; }
one_line_each() {
  sed -e ':more' -e '/\/\/=/!{' -e '$!{' -e 'N' -e 'b more' -e '}' -e '}' -e 's/\n/\/\/n/g' \
    -e 's/^\([fdlo] [0-9]* [0-9]* [0-9]* [-0-9.]* [-0-9.]*\) \.\//\1 /' -e 's/^u \.\//u /'
}

now=$(date +%s)
explained='^$'
list "$@" 2>"$work/errors" >"$work/raw"
one_line_each <"$work/raw" >"$work/rows" || exit ${downloadExit.failed}
errors=0
if [ -s "$work/errors" ]; then
  errors=$(($(wc -l <"$work/errors") - $(grep -c "$explained" "$work/rows")))
  [ "$errors" -ge 0 ] || errors=0
fi
id=$(digest <"$work/rows") || exit ${downloadExit.failed}
id=${'$'}{id%% *}
former=$cache/$key.$since

kind=full body=$work/rows
if [ "$id" = "$since" ]; then
  kind=same body=/dev/null
elif [ "$since" != - ] && [ -s "$former" ] && ! grep -q '^u ' "$former" "$work/rows"; then
  awk 'NR == FNR { was[$0] = 1; next }
    $0 in was { delete was[$0]; next }
    { print "+" $0 }
    END { for (row in was) print "-" row }' "$former" "$work/rows" >"$work/delta" && kind=delta body=$work/delta
fi
printf 'airlock-pull 1 %s %s %s %s %s %s\n' "$kind" "$id" "$now" $(wc -lc <"$body") "$errors"
cat "$body" || exit ${downloadExit.failed}

if [ "$kind" = delta ]; then
  awk -v maxfile="$maxfile" -v maxtotal="$maxtotal" '/^\+[fl] / {
      if ($4 + 0 > maxfile + 0 || total + $4 > maxtotal + 0) next
      path = $0
      for (i = 0; i < 6; i++) path = substr(path, index(path, " ") + 1)
      path = substr(path, 1, index(path, "//=") - 1)
      if (path == "" || index(path, "//n") > 0) next
      total += $4
      print "./" path
    }' "$work/delta" | tr '\n' '\000' >"$work/send"
  if [ -s "$work/send" ]; then send_files "$work/send" || exit ${downloadExit.failed}; fi
fi
finish "$id" "$errors"

if [ -d "$cache" ]; then
  mv -f -- "$work/rows" "$cache/$key.$id" 2>/dev/null
  for file in "$cache/$key".*; do
    case $file in "$cache/$key.$id" | "$former") ;; *) rm -f -- "$file" ;; esac
  done
fi
exit 0
`;
