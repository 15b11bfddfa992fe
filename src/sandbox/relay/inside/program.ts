import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { commonPart } from './common.ts';
import { directPart } from './direct.ts';
import { followPart } from './follow.ts';
import { goPart } from './go.ts';
import { jobPart } from './job.ts';
import { holdingPart } from './jobHolding.ts';
import { muxPart } from './mux.ts';
import { powerPart } from './power.ts';
import { terminalPart } from './terminal.ts';

/** What is not needed to start a command is compiled once it was started, or for the modes that use it. */
const dispatch = String.raw`
sub load { eval $_[0]; die $@ if $@ }
if ($mode eq 'go') { seen(); go(@args); exit 0 }
load($requests);
my %modes = (follow => \&follow, ctl => \&ctl, part => \&part, void => \&void, sure => \&sure, seen => sub { say_line('.ok') });
my $run = $modes{$mode};
my %more = (mux => \&mux, direct => \&direct, term => \&term, watch => \&watch, dead => \&end_session);
if (!$run) { load($rest); $run = $more{$mode} or exit 2 }
seen() unless $mode eq 'watch';
$run->(@args);
`;

/** A text of the program, for `eval`. */
const text = (name: string, ...parts: readonly string[]): string => `my $${name} = <<'END';\n${parts.join('')}END\n`;

/**
 * The program that works for us inside, in Perl 5: the one language that every Debian and Ubuntu has (`perl-base` is
 * essential there), and it uses nothing beyond `perl-base`.
 */
export const relaySource = [
  commonPart,
  text('holding', holdingPart),
  text('requests', followPart),
  text('rest', muxPart, directPart, powerPart, terminalPart),
  jobPart,
  goPart,
  dispatch,
]
  .join('')
  .replace(/^#.*\n/gm, '')
  .replace(/^ +/gm, '');

/** Name of the program's file: another version never meets this one's. */
export const relayName = `relay-${createHash('sha256').update(relaySource).digest('hex').slice(0, 12)}`;

/** The program, compressed, in base64. */
export function packedRelay(): string {
  return gzipSync(relaySource, { level: 9 }).toString('base64');
}
