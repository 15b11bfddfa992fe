import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { commonPart } from './common.ts';
import { followPart } from './follow.ts';
import { jobPart } from './job.ts';
import { muxPart } from './mux.ts';
import { powerPart } from './power.ts';
import { terminalPart } from './terminal.ts';

const dispatch = String.raw`
my %modes = (
  job => \&job, go => \&go, follow => \&follow, ctl => \&ctl, part => \&part, void => \&void,
  mux => \&mux, watch => \&watch, dead => \&end_session, term => \&term,
  seen => sub { say_line('.ok') },
);
my $run = $modes{$mode} or exit 2;
seen() unless $mode eq 'job' || $mode eq 'watch';
$run->(@args);
`;

/**
 * The program that works for us inside, in Perl 5: the one language that every Debian and Ubuntu has (`perl-base` is
 * essential there), and it uses nothing beyond `perl-base`.
 */
export const relaySource = [commonPart, jobPart, followPart, muxPart, powerPart, terminalPart, dispatch]
  .join('')
  .replace(/^#.*\n/gm, '')
  .replace(/^ +/gm, '');

/** Name of the program's file: another version never meets this one's. */
export const relayName = `relay-${createHash('sha256').update(relaySource).digest('hex').slice(0, 12)}`;

/** The program, compressed, in base64. */
export function packedRelay(): string {
  return gzipSync(relaySource, { level: 9 }).toString('base64');
}
