import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { perlSource } from './perl/program.ts';
import { pythonSource } from './python/program.ts';
import { shellSource, shellTools } from './shell/program.ts';

/** A language that the program which works for us inside is written in. Each does the same for a command, by the same words. */
export interface Language {
  readonly name: string;
  /** Shell that succeeds where what runs it is there. */
  readonly isThere: string;
  /** The words that start it; the program's path comes next, then its mode. */
  readonly start: readonly string[];
  /** It can carry many connections over one terminal, and give a command a terminal or streams that are not ours. */
  readonly carries: boolean;
  readonly source: string;
  /** Name of the program's file: another version never meets this one's. */
  readonly file: string;
}

function language({ ending, ...known }: Omit<Language, 'file'> & { readonly ending: string }): Language {
  const version = createHash('sha256').update(known.source).digest('hex').slice(0, 12);
  return { ...known, file: `relay-${version}.${ending}` };
}

/**
 * Shell that sets `l` to the tools that a shell needs for it and that are not there, a comma before each. One may be
 * built in; and bash names a file also where it cannot be run.
 */
export const lookForTools = `l=; for t in ${shellTools.join(' ')}; do p=$(command -v $t); [ -x "\${p:-/-}" ] || [ "$p" = $t ] || l=$l,$t; done`;

/**
 * The best first. Perl starts in half the time of Python, and Debian and Ubuntu cannot be without it. A shell does less,
 * and takes longer.
 */
export const languages: readonly Language[] = [
  language({
    name: 'perl',
    isThere: 'perl -e 1 2>/dev/null',
    start: ['perl'],
    carries: true,
    ending: 'pl',
    source: perlSource,
  }),
  language({
    name: 'python',
    isThere: `python3 -I -S -c 'import binascii, fcntl, select, struct, sys, _signal, _socket; sys.exit(sys.version_info < (3, 8))' 2>/dev/null`,
    start: ['python3', '-I', '-S'],
    carries: true,
    ending: 'py',
    source: pythonSource,
  }),
  language({
    name: 'shell',
    isThere: `${lookForTools}; [ -z "$l" ] && [ "$(printf 'A\\0\\0' | xargs -0 sh -c 'printf "$#$0" | od -An -tu1')" = '  49  65' ]`,
    start: ['sh'],
    carries: false,
    ending: 'sh',
    source: shellSource,
  }),
];

/** A program, compressed, in base64. */
export function packed({ source }: Language): string {
  return gzipSync(source, { level: 9 }).toString('base64');
}
