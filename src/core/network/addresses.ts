import ipaddr from 'ipaddr.js';

/** What lies behind an address, as far as it matters for who may be sent there. */
export type AddressClass = 'public' | 'private' | 'loopback' | 'link-local' | 'metadata' | 'reserved' | 'own';

type Parsed = ReturnType<typeof ipaddr.parse>;

const privateRanges = ['private', 'uniqueLocal', 'carrierGradeNat'];
const linkLocalRanges = ['linkLocal', 'deprecatedSiteLocal'];

/**
 * Where clouds tell a machine its own secrets. Those inside link-local ranges are refused with them; these are not:
 * Azure's wire server, Alibaba, AWS over IPv6, Google over IPv6, Oracle's old one.
 */
const metadata = ['168.63.129.16', '100.100.100.200', 'fd00:ec2::254', 'fd20:ce::254', '192.0.0.192'].map((text) =>
  ipaddr.parse(text).toString(),
);

/** Only these of IPv6 are global unicast (RFC 4291): `2000::/3`. */
const globalSix = ipaddr.parseCIDR('2000::/3');
/** Translated by a NAT64 into the IPv4 address that they hold (RFC 6052). */
const nat64 = ipaddr.parseCIDR('64:ff9b::/96');

/**
 * Classifies an address in the canonical notation that resolvers give. `own` are the addresses of this machine. What is
 * not plainly public is not called so; text that is no address is `reserved`.
 */
export function classOf(text: string, own: ReadonlySet<string> = new Set()): AddressClass {
  const address = parse(text);
  if (address === undefined) return 'reserved';
  if (metadata.includes(address.toString())) return 'metadata';
  const found = classOfRange(address);
  return own.has(address.toString()) && (found === 'public' || found === 'private') ? 'own' : found;
}

/** An address in the form in which two are compared: IPv4 addresses inside IPv6 are taken out. Undefined for others. */
export function canonicalAddress(text: string): string | undefined {
  return parse(text)?.toString();
}

function parse(text: string): Parsed | undefined {
  const plain = text.replace(/%.*$/, '');
  const isFour = ipaddr.IPv4.isValidFourPartDecimal(plain);
  if (!isFour && !ipaddr.IPv6.isValid(plain)) return undefined;
  return unwrapped(ipaddr.parse(plain));
}

/** The IPv4 address that an IPv6 one leads to, where it is such a one. */
function unwrapped(address: Parsed): Parsed {
  if (!(address instanceof ipaddr.IPv6)) return address;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  return address.match(nat64) ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address;
}

function classOfRange(address: Parsed): AddressClass {
  const range: string = address.range();
  if (range === 'loopback' || range === 'unspecified') return 'loopback';
  if (linkLocalRanges.includes(range)) return 'link-local';
  if (privateRanges.includes(range)) return 'private';
  if (range !== 'unicast') return 'reserved';
  return address instanceof ipaddr.IPv6 && !address.match(globalSix) ? 'reserved' : 'public';
}
