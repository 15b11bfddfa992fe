import { channelsPart } from './channels.ts';
import { commonPart } from './common.ts';
import { directPart } from './direct.ts';
import { followPart } from './follow.ts';
import { goPart } from './go.ts';
import { jobPart } from './job.ts';
import { holdingPart } from './jobHolding.ts';
import { muxPart } from './mux.ts';
import { powerPart } from './power.ts';
import { runPart } from './run.ts';
import { tellPart } from './tell.ts';
import { terminalPart } from './terminal.ts';

/**
 * Each mode compiles what it needs and no more, as compiling takes longer than a short command. What is not needed to start
 * a command is compiled once it was started.
 */
const dispatch = String.raw`
def load(text):
    exec(compile(text, '', 'exec'), globals())
def say_seen():
    say_line(b'.ok')
mode, *args = sys.argv[1:]
requests = ['follow', 'ctl', 'part', 'void', 'sure', 'seen']
parts = {
    'direct': [direct_part],
    'go': [jobs_part],
    **dict.fromkeys(requests, [jobs_part, following_part, requests_part]),
    **dict.fromkeys(['mux', 'term', 'watch', 'dead'], [jobs_part, following_part, requests_part, rest_part]),
}
if mode not in parts:
    os._exit(2)
for text in parts[mode]:
    load(text)
if mode not in ('watch', 'go'):
    seen()
globals()[{'dead': 'end_session', 'seen': 'say_seen'}.get(mode, mode)](*map(os.fsencode, args))
os._exit(0)
`;

/** A text of the program, for `load`. */
const text = (name: string, ...parts: readonly string[]): string => `${name}_part = r'''${parts.join('')}'''\n`;

/** The program that works for us inside, in Python 3.8 or newer, with nothing beyond what Python comes with. */
export const pythonSource = [
  commonPart,
  runPart,
  text('direct', directPart),
  text('holding', holdingPart),
  text('jobs', jobPart, goPart),
  text('following', followPart),
  text('requests', tellPart),
  text('rest', muxPart, channelsPart, powerPart, terminalPart),
  dispatch,
]
  .join('')
  .replace(/^ *#.*\n/gm, '')
  .replace(/^(?: {4})+/gm, (indent) => ' '.repeat(indent.length / 4));
