const local = 'localhost,127.0.0.1,::1';

/** What makes programs ask the proxy on that port of loopback; what is here inside stays without it. */
export function proxyVariables(port: number): Record<string, string> {
  const url = `http://127.0.0.1:${port}`;
  const java = ['http', 'https'].map((scheme) => `-D${scheme}.proxyHost=127.0.0.1 -D${scheme}.proxyPort=${port}`);
  const javaOptions = [...java, '-Dhttp.nonProxyHosts=localhost|127.0.0.1'].join(' ');
  return {
    ...inBothCases('http_proxy', url),
    ...inBothCases('https_proxy', url),
    ...inBothCases('all_proxy', url),
    ...inBothCases('no_proxy', local),
    npm_config_proxy: url,
    npm_config_https_proxy: url,
    npm_config_noproxy: local,
    YARN_HTTP_PROXY: url,
    YARN_HTTPS_PROXY: url,
    PIP_PROXY: url,
    CARGO_HTTP_PROXY: url,
    // Node's own fetch and http ask for it (from 24 on).
    NODE_USE_ENV_PROXY: '1',
    MAVEN_OPTS: javaOptions,
    GRADLE_OPTS: javaOptions,
  };
}

function inBothCases(name: string, value: string): Record<string, string> {
  return { [name]: value, [name.toUpperCase()]: value };
}
