/** How the editor is set to reach the network. */
export interface NetworkSettings {
  /** URL of the proxy; empty: none. Its user name and password, if any, are for the proxy alone. */
  readonly proxy: string;
  /** Hosts that are reached without it, as in NO_PROXY. */
  readonly noProxy: readonly string[];
  /** Value of Proxy-Authorization; empty: none but what the URL says. */
  readonly authorization: string;
  /** Certificates are verified behind the proxy, and the proxy's own. */
  readonly strict: boolean;
  /** Certificates that this machine trusts count beside those that came with the program. */
  readonly systemCertificates: boolean;
}

/** Always reached directly, as the editor does. */
const thisMachine = ['localhost', '127.0.0.1', '::1'];

/**
 * Settles the network settings as VS Code's own extension host does: `http.proxy` wins over HTTPS_PROXY and HTTP_PROXY,
 * `http.noProxy` and NO_PROXY both count, and `http.proxySupport` `off` means no proxy at all. What is no value of its
 * setting counts as not set. A proxy that only the operating system knows is not seen.
 */
export function networkSettings(
  setting: (id: string) => unknown,
  environment: (name: string) => string | undefined,
): NetworkSettings {
  const text = (id: string): string => {
    const value = setting(id);
    return typeof value === 'string' ? value.trim() : '';
  };
  const variable = (...names: readonly string[]) => names.map(environment).find((value) => value !== undefined) ?? '';
  const fromEnvironment = variable('https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY').trim();
  const listed = setting('http.noProxy');
  const noProxy = Array.isArray(listed) ? listed.filter((one) => typeof one === 'string') : [];
  return {
    proxy: text('http.proxySupport') === 'off' ? '' : text('http.proxy') || fromEnvironment,
    noProxy: [...thisMachine, ...noProxy, ...variable('no_proxy', 'NO_PROXY').split(',')]
      .map((one) => one.trim())
      .filter((one) => one !== ''),
    authorization: text('http.proxyAuthorization'),
    strict: setting('http.proxyStrictSSL') !== false,
    systemCertificates: setting('http.systemCertificates') !== false,
  };
}
