import { hostRule, type HostRule } from './hostRule.ts';

/** Hosts that belong together: what one package manager needs. */
export interface Preset {
  readonly id: string;
  readonly title: string;
  readonly hosts: readonly string[];
  /** What a person should know before they allow these. */
  readonly caution?: string;
}

/** Hosts as the package managers' own documentation and defaults name them. */
export const presets: readonly Preset[] = [
  { id: 'npm', title: 'npm', hosts: ['registry.npmjs.org', 'registry.yarnpkg.com'] },
  { id: 'pypi', title: 'PyPI', hosts: ['pypi.org', 'files.pythonhosted.org'] },
  { id: 'crates', title: 'crates.io', hosts: ['crates.io', 'index.crates.io', 'static.crates.io'] },
  { id: 'rust', title: 'Rust toolchains', hosts: ['static.rust-lang.org'] },
  { id: 'go', title: 'Go modules', hosts: ['proxy.golang.org', 'sum.golang.org'] },
  { id: 'maven', title: 'Maven Central', hosts: ['repo.maven.apache.org', 'repo1.maven.org'] },
  {
    id: 'gradle',
    title: 'Gradle',
    hosts: ['plugins.gradle.org', 'plugins-artifacts.gradle.org', 'services.gradle.org', 'downloads.gradle.org'],
  },
  { id: 'rubygems', title: 'RubyGems', hosts: ['rubygems.org', 'index.rubygems.org'] },
  { id: 'packagist', title: 'Packagist', hosts: ['packagist.org', 'repo.packagist.org'] },
  { id: 'nuget', title: 'NuGet', hosts: ['api.nuget.org', 'www.nuget.org'] },
  { id: 'hex', title: 'Hex', hosts: ['hex.pm', 'repo.hex.pm'] },
  { id: 'debian', title: 'Debian', hosts: ['deb.debian.org', 'security.debian.org'] },
  { id: 'ubuntu', title: 'Ubuntu', hosts: ['archive.ubuntu.com', 'security.ubuntu.com', 'ports.ubuntu.com'] },
  {
    id: 'github',
    title: 'GitHub',
    hosts: [
      'github.com',
      'api.github.com',
      'codeload.github.com',
      'raw.githubusercontent.com',
      'objects.githubusercontent.com',
      'release-assets.githubusercontent.com',
    ],
    caution: 'also a place where anything can be sent to',
  },
];

/** The rules that a preset stands for. */
export function rulesOf(preset: Preset): readonly HostRule[] {
  return preset.hosts.map((host) => {
    const parsed = hostRule(host);
    if (!parsed.ok) throw new Error(`${host}: ${parsed.why}`);
    return parsed.rule;
  });
}
