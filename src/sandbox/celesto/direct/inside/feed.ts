import { common } from './shell.ts';

/**
 * Shell that tells a job what comes on the terminal. It says `b` once it has begun, hears `d` with a length before a line of
 * base64 (records for the job), and answers each by a letter: `o` heard, `v` over, `n` not there, `l` lost. It hears `p`, a
 * sign of life, which it returns, and `x` the end. `tell` is the command line that has the job hear what it reads.
 */
export function feedScript(tell: string): string {
  return String.raw`
patience=5
${common}
say b
while heard; do
  case $word in
    d) case $(take $n | ${tell}) in *.ok) say o ;; *.over) say v ;; *.none) say n ;; *) say l ;; esac ;;
    p) say p ;;
    x) end ;;
  esac
done
`;
}
