import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { commonPart } from './common.ts';
import { directPart } from './direct.ts';
import { followPart } from './follow.ts';
import { jobPart } from './job.ts';
import { muxPart } from './mux.ts';
import { powerPart } from './power.ts';
import { terminalPart } from './terminal.ts';

/** What a short command does not need is compiled only for the modes that do. */
const dispatch = String.raw`
my %modes = (go => \&go, follow => \&follow, ctl => \&ctl, part => \&part, void => \&void, sure => \&sure, seen => sub { say_line('.ok') });
my $run = $modes{$mode};
my %more = (mux => \&mux, direct => \&direct, term => \&term, watch => \&watch, dead => \&end_session);
if (!$run) { eval $rest; die $@ if $@; $run = $more{$mode} or exit 2 }
seen() unless $mode eq 'watch';
$run->(@args);
`;

const rest = [muxPart, directPart, powerPart, terminalPart].join('');

/**
 * The program that works for us inside, in Perl 5: the one language that every Debian and Ubuntu has (`perl-base` is
 * essential there), and it uses nothing beyond `perl-base`.
 */
export const relaySource = [commonPart, jobPart, followPart, `my $rest = <<'REST';\n${rest}REST\n`, dispatch]
  .join('')
  .replace(/^#.*\n/gm, '')
  .replace(/^ +/gm, '');

/** Name of the program's file: another version never meets this one's. */
export const relayName = `relay-${createHash('sha256').update(relaySource).digest('hex').slice(0, 12)}`;

/** The program, compressed, in base64. */
export function packedRelay(): string {
  return gzipSync(relaySource, { level: 9 }).toString('base64');
}
