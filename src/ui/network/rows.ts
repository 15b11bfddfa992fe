import { networkWords, type AllowedHost } from '../../core/network/allowed.ts';
import type { NetworkView } from '../../core/network/api.ts';
import type { Connection } from '../../core/network/connections.ts';
import { ruleText } from '../../core/network/hostRule.ts';
import { canBeAllowed, whyText } from '../../core/network/refusal.ts';
import type { TreeRow } from '../treeRow.ts';
import { bytes, count } from '../words.ts';

/** A host that a person allowed. */
export function allowedRow({ rule, lasts }: AllowedHost): TreeRow {
  const until = lasts === 'folder' ? 'remembered for this folder' : 'for this session';
  const where = rule.lan === true ? ['also in a private network'] : [];
  const label = ruleText(rule);
  const ports = `port ${rule.ports.join(' or ')}`;
  return {
    label,
    description: [until, ...where].join(' · '),
    icon: lasts === 'folder' ? 'pin' : 'globe',
    context: 'allowed',
    tooltip: [`Programs in the sandbox may reach ${label}, ${ports}.`, `Allowed ${until}.`].join('\n'),
    spoken: [label, 'allowed', until, ...where].join(', '),
  };
}

/** A connection that a program asked for. */
export function connectionRow(connection: Connection): TreeRow {
  const { target, state, why, times } = connection;
  const label = target.port === 0 ? target.host : `${target.host}:${target.port}`;
  const outcome = outcomeWords(connection);
  const again = times > 1 ? count(times, 'time') : '';
  const traffic = state === 'open' || state === 'closed' ? trafficWords(connection) : '';
  const offers = state === 'refused' && why !== undefined && canBeAllowed(why);
  const [icon, iconColor] = icons[state];
  return {
    label,
    description: [outcome, traffic, again].filter((word) => word !== '').join(' · '),
    icon,
    ...(iconColor === undefined ? {} : { iconColor }),
    context: offers ? 'refused offered' : state,
    tooltip: [label, new Date(connection.at).toLocaleTimeString(), outcome, traffic, again]
      .filter((line) => line !== '')
      .join('\n'),
    spoken: [label, outcome, traffic, again].filter((word) => word !== '').join(', '),
  };
}

const icons: Record<Connection['state'], readonly [icon: string, color?: string]> = {
  open: ['arrow-swap', 'charts.green'],
  closed: ['check'],
  refused: ['circle-slash', 'charts.red'],
  failed: ['warning', 'charts.yellow'],
};

function outcomeWords({ state, why }: Connection): string {
  const reason = why === undefined ? '' : whyText(why);
  if (state === 'open') return 'open';
  if (state === 'closed') return reason === '' ? 'allowed' : `allowed, ended: ${reason}`;
  return `${state}: ${reason}`;
}

function trafficWords({ sent, received }: Connection): string {
  return `${bytes(sent)} out, ${bytes(received)} in`;
}

const openNetwork =
  'The network of this sandbox is open: its programs reach any host, and Airlock neither limits nor sees that.';
const noNetwork = 'This sandbox has no network to the outside, and none can be given to it.';
const loopback = 'Its programs reach what listens on localhost of this machine.';

/** The sentence over the list: what is true of this sandbox' network, whatever kind it is. */
export function networkSentence(view: NetworkView | undefined): string {
  if (view === undefined || view.egress === 'unknown') return '';
  if (view.problem !== undefined) return view.problem.detail;
  const here = view.reachesHere === true ? [loopback] : [];
  if (view.egress === 'open') return [openNetwork, ...here].join(' ');
  return [...(view.egress === 'none' ? [noNetwork] : []), ...here].join(' ');
}

/** The few words beside the view's title. */
export function networkTitle(view: NetworkView | undefined): string {
  return view === undefined || view.egress === 'unknown'
    ? ''
    : networkWords(view.egress, view.allowed.length, view.reachesHere);
}
