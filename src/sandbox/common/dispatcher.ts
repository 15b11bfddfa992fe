import { getCACertificates } from 'node:tls';
import { Agent, Dispatcher, EnvHttpProxyAgent } from 'undici';
import { fail } from '../../core/problem.ts';
import type { NetworkSettings } from './networkSettings.ts';

/**
 * Carries HTTP, server-sent events and WebSockets the way that the settings say, which are read at each request: a
 * changed proxy counts from the next one on. The editor's own patches reach neither a bundled undici nor `node:tls`.
 */
export class NetworkDispatcher extends Dispatcher {
  readonly #read: () => NetworkSettings;
  #way: { readonly key: string; readonly dispatcher: Dispatcher } | undefined;

  constructor(read: () => NetworkSettings) {
    super();
    this.#read = read;
  }

  override dispatch(options: Agent.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    return this.#current().dispatch(options, handler);
  }

  override async close(): Promise<void> {
    await this.#way?.dispatcher.close();
  }

  override async destroy(): Promise<void> {
    await this.#way?.dispatcher.destroy();
  }

  #current(): Dispatcher {
    const settings = this.#read();
    const key = JSON.stringify(settings);
    if (this.#way?.key === key) return this.#way.dispatcher;
    // What is under way goes on and ends there.
    void this.#way?.dispatcher.close().catch(() => undefined);
    const dispatcher = dispatcherFor(settings);
    this.#way = { key, dispatcher };
    return dispatcher;
  }
}

/** A direct connection is always verified; behind a proxy, and to it, as the settings say. */
function dispatcherFor({ proxy, noProxy, authorization, strict, systemCertificates }: NetworkSettings): Dispatcher {
  const ca = systemCertificates ? [...getCACertificates('default'), ...getCACertificates('system')] : undefined;
  const verified = ca === undefined ? {} : { ca };
  if (proxy === '') return new Agent({ connect: verified });
  const url = proxyUrl(proxy);
  const behind = { ...verified, rejectUnauthorized: strict };
  return new EnvHttpProxyAgent({
    httpProxy: url,
    httpsProxy: url,
    noProxy: noProxy.join(','),
    connect: verified,
    requestTls: behind,
    proxyTls: behind,
    ...(authorization === '' ? {} : { token: authorization }),
  });
}

/** SOCKS 5 resolves names at the proxy in any case, which is what its variant with an `h` asks for. */
function proxyUrl(proxy: string): string {
  const url = URL.parse(proxy.replace(/^socks5h:/i, 'socks5:'));
  if (url !== null && ['http:', 'https:', 'socks:', 'socks5:'].includes(url.protocol)) return url.href;
  return fail(
    'bad-input',
    'The proxy in the setting http.proxy, or in HTTPS_PROXY, is of no kind that can be used here.',
    {
      fix: 'open-settings',
    },
  );
}
