/** Exit codes of {@link uploadScript} besides 0. */
export const uploadExit = {
  /** Refused while staging: nothing under the root was touched and the staging folder is gone. */
  notCommitted: 64,
  /** Failed while committing: part of the change may show. */
  partial: 65,
} as const;

/** Words that {@link uploadScript} prints, each on a line that starts with `airlock-upload `. */
export const uploadWords = { committing: 'committing', committed: 'committed' } as const;

/** Names of the members that travel with every upload: what to delete, what must still stand, and the proof that all has arrived. */
export function companionNames(op: string): { deletions: string; expected: string; seal: string } {
  return { deletions: `.${op}.deletions`, expected: `.${op}.expected`, seal: `.${op}.seal` };
}

/**
 * The program that runs inside for an upload: `sh -c <script> airlock OP ROOT MODE`, the tar on its standard input.
 *
 * Everything is unpacked beside the root, on the same file system. `replace` then swaps the folders by two renames; a
 * crash between them is healed by the next upload. Where nothing can be made beside the root, as with the folder that
 * all workspaces lie in, it is unpacked within and `replace` moves entry by entry. `merge` moves file by file, after it
 * has checked that no folder it would write into is a link, and that each expected path still is what it was: an entry
 * is `a` (absent), `d` (folder), or the SHA-256 of a file's bytes (`f…`) or of a link's target (`l…`), then the path
 * from `./` on. Works with GNU tools, with busybox and in any POSIX shell. Uploads to one root must not
 * overlap: each removes what an interrupted one left.
 */
export const uploadScript = String.raw`
set -u
LC_ALL=C
export LC_ALL
umask 022
op=$1 root=$2 mode=$3
parent=${'$'}{root%/*}
name=${'$'}{root##*/}
kept=$parent/.$name.airlock-old-
spent=$parent/.$name.airlock-spent-
old=$kept$op

exists() { [ -e "$1" ] || [ -L "$1" ]; }
discard() {
  exists "$1" || return 0
  rm -rf -- "$1" 2>/dev/null || { chmod -R u+rwx -- "$1" && rm -rf -- "$1"; } 2>/dev/null
}
say() { printf 'airlock-upload %s\n' "$*"; }
refuse() { say "refused $1"; discard "$stage"; exit 64; }
partial() { say "partial $1"; discard "$stage"; exit 65; }
trap 'discard "$stage"; exit 64' HUP INT TERM

# Moves what lies in one folder into another; staging folders stay where they are.
move_all() {
  find "$1" -mindepth 1 -maxdepth 1 ! -name '.airlock-stage-*' -exec sh -c 'mv -f -- "$@" "$0/"' "$2" {} +
}
# What a killed upload had moved aside goes back, over what it had begun to put in its place.
put_back() {
  find "$1" -mindepth 1 -maxdepth 1 -exec sh -c '
    for f do rm -rf -- "$0/${'$'}{f##*/}" && mv -- "$f" "$0/" || exit 1; done' "$root" {} +
}

place=beside
stage=$parent/.$name.airlock-stage-$op
# By doing it: busybox takes a folder for writable whose file system is not.
if ! mkdir -p -- "$stage" 2>/dev/null; then
  place=within
  stage=$root/.airlock-stage-$op
fi
for left in "$root/.airlock-stage-"*; do
  exists "$left" || continue
  if [ -d "$left/old" ] && ! put_back "$left/old"; then say refused heal; exit 64; fi
  discard "$left"
done
for left in "$kept"*; do
  exists "$left" || continue
  # Beside a root that somebody made anew it may be the only copy of their work: it stays.
  if ! exists "$root"; then mv -- "$left" "$root"; fi
done
for left in "$spent"* "$parent/.$name.airlock-stage-"*; do discard "$left"; done

if [ $place = within ] && [ -L "$root" ]; then refuse blocked; fi
mkdir -- "$stage" "$stage/tree" || refuse stage
tar -xpof - -C "$stage/tree" || refuse unpack
tree=$stage/tree
{ [ -f "$tree/.$op.deletions" ] && [ -f "$tree/.$op.expected" ] && [ -f "$tree/.$op.seal" ]; } || refuse incomplete
into=
if mv -T -- "$tree/.$op.seal" "$stage/seal" 2>/dev/null; then into=-T; else rm -f -- "$tree/.$op.seal"; fi
mv -- "$tree/.$op.deletions" "$tree/.$op.expected" "$stage/" || refuse stage
deletions=$stage/.$op.deletions

if [ "$mode" = replace ]; then
  trap '' HUP INT TERM
  say committing
  if [ $place = within ]; then
    mkdir -- "$stage/old" || refuse move
    if ! move_all "$root" "$stage/old"; then
      put_back "$stage/old" && refuse move
      say partial move
      exit 65
    fi
    # The staging folder holds what was there: it must outlive a failure, and the next upload puts it back.
    if ! move_all "$tree" "$root"; then say partial move; exit 65; fi
    mv -- "$stage/old" "$stage/gone"
    say committed "$op"
    discard "$stage"
    exit 0
  fi
  if exists "$root"; then mv $into -- "$root" "$old" || refuse move; fi
  if mv $into -- "$tree" "$root"; then
    if exists "$old"; then mv -- "$old" "$spent$op"; fi
    say committed "$op"
    discard "$spent$op"
    discard "$stage"
    exit 0
  fi
  exists "$old" || refuse move
  mv $into -- "$old" "$root" && refuse move
  partial move
fi

if [ -L "$root" ]; then refuse blocked; fi
mkdir -p -- "$root" || refuse blocked
cd "$tree" || refuse stage
find . -type d -exec sh -c '
  root=$1
  shift
  for d do
    t=$root/$d
    if [ -L "$t" ] || { [ -e "$t" ] && [ ! -d "$t" ]; }; then printf "%s\n" "$d"; fi
  done' airlock "$root" {} + >"$stage/blocked" || refuse stage
tr '\000' '\n' <"$deletions" >"$stage/gone"
# busybox grep takes an empty list of patterns for one that matches everything.
[ -s "$stage/gone" ] || echo / >"$stage/gone"
if [ -s "$stage/blocked" ] && grep -Fxv -f "$stage/gone" "$stage/blocked" >/dev/null; then refuse blocked; fi

if command -v sha256sum >/dev/null 2>&1; then sum=sha256sum; else sum='shasum -a 256'; fi
cd "$root" || refuse stage
xargs -0 sh -c '
  for entry do
    p=.${'$'}{entry#*.} want=${'$'}{entry%%.*}
    if [ -L "$p" ]; then got=l$(printf %s "$(readlink "$p")" | $0)
    elif [ -f "$p" ]; then got=f$($0 <"$p")
    elif [ -d "$p" ]; then got=d
    elif [ -e "$p" ]; then got=other
    else got=a
    fi
    [ "${'$'}{got%% *}" = "$want" ] || exit 1
  done' "$sum" <"$stage/.$op.expected" >/dev/null 2>&1 || refuse changed
cd "$tree" || refuse stage

trap '' HUP INT TERM
say committing
cd "$root" || partial move
: >"$stage/files"
: >"$stage/folders"
xargs -0 sh -c '
  for p do
    d=$p safe=1
    while d=${'$'}{d%/*}; [ "$d" != . ]; do
      if [ -L "$d" ] || [ ! -d "$d" ]; then safe=0; break; fi
    done
    [ $safe = 1 ] || continue
    if [ -d "$p" ] && [ ! -L "$p" ]; then printf "%s\0" "$p" >&4; else printf "%s\0" "$p" >&3; fi
  done' airlock 3>>"$stage/files" 4>>"$stage/folders" <"$deletions" || partial delete
xargs -0 rm -f -- <"$stage/files" || partial delete
xargs -0 rmdir -- <"$stage/folders" 2>/dev/null

cd "$tree" || partial move
find . -type d -exec sh -c '
  root=$1
  shift
  for d do [ -d "$root/$d" ] || printf "%s\0" "$d"; done' airlock "$root" {} + >"$stage/new" || partial move
if [ -s "$stage/new" ]; then (cd "$root" && xargs -0 mkdir -p -- <"$stage/new") || partial move; fi
find . -type d -exec sh -c '
  root=$1 failed=$2
  shift 2
  for d do
    for f in "$d"/* "$d"/.[!.]* "$d"/..?*; do
      if [ -L "$f" ] || [ -f "$f" ]; then :; else continue; fi
      t=$root/$f
      if [ -L "$t" ]; then rm -f -- "$t"; elif [ -d "$t" ]; then rmdir -- "$t" || : >"$failed"; fi
      printf "%s\0" "$f"
    done >"$failed.list"
    [ -s "$failed.list" ] || continue
    xargs -0 sh -c "mv -f -- \"\$@\" \"\$0/\"" "$root/$d" <"$failed.list" || : >"$failed"
  done' airlock "$root" "$stage/failed" {} + || partial move
[ ! -e "$stage/failed" ] || partial move
say committed "$op"
cd / || exit 0
discard "$stage"
exit 0
`;
