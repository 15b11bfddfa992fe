export { openRawForward, type RawForwardOptions } from './raw.ts';
export { openWebForward, type WebForwardOptions } from './web.ts';
export { webForwarding } from './forwarding.ts';
