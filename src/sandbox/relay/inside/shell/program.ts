import { asWritten } from './asWritten.ts';
import { commonPart } from './common.ts';
import { followPart } from './follow.ts';
import { goPart } from './go.ts';
import { holdPart } from './hold.ts';
import { logPart } from './log.ts';
import { powerPart } from './power.ts';
import { pumpsPart } from './pumps.ts';
import { startPart } from './start.ts';
import { tellPart } from './tell.ts';
import { terminalPart } from './terminal.ts';

/** `hold`, `lead`, `start` and `sure` are what it starts itself as. */
const dispatch = asWritten`
mode=$1
shift
case $mode in
  watch) [ "$2" = on ] && mode=watch_on ;;
  follow | ctl | part | void | term | dead) seen ;;
  seen)
    seen
    say_line .ok
    exit
    ;;
  go | hold | lead | start | sure) ;;
  *) exit 2 ;;
esac
$mode "$@"
exit 0
`;

/** The tools that it is made of, beside what is built into a shell. Both coreutils with util-linux and busybox have them. */
export const shellTools: readonly string[] = [
  ...['base64', 'cat', 'dd', 'env', 'grep', 'head', 'mkdir', 'mkfifo', 'mv', 'od', 'rm', 'setsid', 'sleep', 'stty'],
  ...['tail', 'tr', 'wc', 'xargs'],
];

/**
 * The program that works for us inside, for a shell as POSIX has it and tools that every system has. It carries no
 * connections: a shell cannot wait for two things at once.
 */
export const shellSource = [
  commonPart,
  logPart,
  pumpsPart,
  startPart,
  holdPart,
  goPart,
  followPart,
  tellPart,
  powerPart,
  terminalPart,
  dispatch,
]
  .join('')
  .replace(/^ *#.*\n/gm, '')
  .replace(/^ +/gm, '');
