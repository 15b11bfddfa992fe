import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { commonPart } from './common.ts';
import { directPart } from './direct.ts';
import { followPart } from './follow.ts';
import { jobPart } from './job.ts';
import { muxPart } from './mux.ts';
import { powerPart } from './power.ts';
import { runPart } from './run.ts';
import { terminalPart } from './terminal.ts';

/**
 * Each mode compiles what it needs and no more: where processors are slow, compiling takes longer than a short command.
 */
const dispatch = String.raw`
my %modes = (go => \&go, follow => \&follow, ctl => \&ctl, part => \&part, void => \&void, sure => \&sure, seen => sub { say_line('.ok') });
my %more = (mux => \&mux, term => \&term, watch => \&watch, dead => \&end_session);
my $run = $mode eq 'direct' ? \&direct : $modes{$mode} || $more{$mode} or exit 2;
eval($mode eq 'direct' ? $direct : $modes{$mode} ? $jobs_part : $jobs_part . $rest);
die $@ if $@;
seen() unless $mode eq 'watch';
$run->(@args);
`;

const parts = {
  direct: directPart,
  jobs_part: [jobPart, followPart].join(''),
  rest: [muxPart, powerPart, terminalPart].join(''),
};

/**
 * The program that works for us inside, in Perl 5: the one language that every Debian and Ubuntu has (`perl-base` is
 * essential there), and it uses nothing beyond `perl-base`.
 */
export const relaySource = [
  commonPart,
  runPart,
  ...Object.entries(parts).map(([name, text]) => `my $${name} = <<'PART';\n${text}PART\n`),
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
