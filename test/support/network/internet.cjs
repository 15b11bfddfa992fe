'use strict';
// Loaded into an extension host before it starts: gives it the names and addresses of a test's network, whose servers
// listen on this machine's loopback. All other names and addresses are as they are. What may be dialled is decided by the
// product before it comes here.
const dns = require('node:dns/promises');
const net = require('node:net');

const world = JSON.parse(process.env.AIRLOCK_TEST_WORLD ?? '{"names":{},"ports":{}}');
const { lookup } = dns;
const { connect } = net;

dns.lookup = async (host, options) => {
  const found = world.names[host];
  if (found === undefined) return lookup(host, options);
  return found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
};

net.connect = (...args) => {
  const [options] = args;
  if (typeof options?.lookup !== 'function') return connect(...args);
  let there;
  options.lookup(options.host, { all: true }, (_error, found) => {
    there = found.map(({ address }) => world.ports[`${address}:${options.port}`]).find((port) => port !== undefined);
  });
  if (there === undefined) return connect(...args);
  return connect({ ...options, lookup: undefined, autoSelectFamily: false, host: '127.0.0.1', port: there });
};
