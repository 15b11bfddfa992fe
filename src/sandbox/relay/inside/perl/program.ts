import { commonPart } from './common.ts';
import { directPart } from './direct.ts';
import { followPart } from './follow.ts';
import { goPart } from './go.ts';
import { jobPart } from './job.ts';
import { holdingPart } from './jobHolding.ts';
import { muxPart } from './mux.ts';
import { powerPart } from './power.ts';
import { processesPart } from './processes.ts';
import { runPart } from './run.ts';
import { tellPart } from './tell.ts';
import { terminalPart } from './terminal.ts';

/**
 * Each mode compiles what it needs and no more: where processors are slow, compiling takes longer than a short command.
 * What is not needed to start a command is compiled once it was started.
 */
const dispatch = String.raw`
sub load { eval $_[0]; die $@ if $@ }
if ($mode eq 'direct') { load($direct); seen(); direct(@args); exit 0 }
load($jobs_part);
if ($mode eq 'go') { go(@args); exit 0 }
load($_) for $following, $processes, $requests;
my %modes = (follow => \&follow, ctl => \&ctl, part => \&part, void => \&void, sure => \&sure, seen => sub { say_line('.ok') });
my $run = $modes{$mode};
my %more = (mux => \&mux, term => \&term, watch => \&watch, dead => \&end_session);
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
export const perlSource = [
  commonPart,
  runPart,
  text('direct', directPart),
  text('holding', holdingPart),
  text('processes', processesPart),
  text('jobs_part', jobPart, goPart),
  text('following', followPart),
  text('requests', tellPart),
  text('rest', muxPart, powerPart, terminalPart),
  dispatch,
]
  .join('')
  .replace(/^#.*\n/gm, '')
  .replace(/^ +/gm, '');
