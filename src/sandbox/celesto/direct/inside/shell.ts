import { markerStart } from '../lines.ts';

/**
 * Shell that the scripts share. `say` tells a word in one write: what another process writes goes on behind it. `take` gives
 * so many bytes of a line. Reads of the raw terminal give nothing after `seconds` of silence: by the terminal's own clock,
 * or by the shell's where that waits before it reads, as busybox' does. `patience` such times in a row end the script with
 * all that it started.
 */
export const common = String.raw`
exec 9>&1 2>/dev/null
say() { printf '\n.%s\n' "$*" >&9; }
end() { trap '' TERM; kill -TERM 0; exit 0; }
timed=
! echo | read -r -t 1 word || timed="-t $seconds"
if dd iflag=fullblock bs=1 count=0 </dev/null; then take() { dd iflag=fullblock bs=$1 count=1; }
else take() { IFS= read -r line; printf %s "$line"; }; fi
quiet=0
heard() {
  if IFS=' ' read -r $timed word n; then quiet=0; return; fi
  [ -z "$word" ] || end
  quiet=$((quiet + 1))
  [ $quiet -lt $patience ] || end
}
`;

/**
 * The line that is typed into a terminal's shell, which makes way for a script: that comes next, in a line of base64. Reads
 * of the raw terminal give nothing after `seconds` (25 at most) of silence. All that it starts carries `mark`.
 */
export function loader(name: string, mark: string, seconds: number): string {
  // In two parts: the echo of this line must not be taken for what it prints.
  const marker = `${markerStart.slice(0, 3)}"${markerStart.slice(3)}" ${name}`;
  const begin = `stty raw -echo -iexten min 0 time ${seconds * 10} 2>/dev/null; echo; echo ${marker}`;
  const load = 'IFS= read -r s; eval "$(printf %s "$s" | base64 -d)"';
  return ` exec env ${mark} sh -c '${begin}; ${load}'\r`;
}
