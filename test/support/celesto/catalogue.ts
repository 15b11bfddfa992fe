/** A kind of computer that can be asked for. */
export interface Template {
  readonly id: string;
  readonly display_name: string;
  readonly description: string;
  readonly aliases: readonly string[];
  readonly capabilities: readonly string[];
  readonly default_vcpus: number;
  readonly default_ram_mb: number;
  readonly default_disk_size_mb: number;
  readonly default_published_ports: readonly number[];
  readonly preinstalled_tools: readonly string[];
  readonly recommended_for: readonly string[];
  readonly has_playwright_browsers: boolean;
  readonly has_browser_system_deps: boolean;
  readonly experimental: boolean;
  readonly version: string;
}

function template(id: string, display_name: string, more: Partial<Template>): Template {
  return {
    id,
    display_name,
    description: `${display_name} computer.`,
    aliases: [],
    capabilities: ['exec', 'terminal'],
    default_vcpus: 1,
    default_ram_mb: 1024,
    default_disk_size_mb: 10_240,
    default_published_ports: [],
    preinstalled_tools: [],
    recommended_for: [],
    has_playwright_browsers: false,
    has_browser_system_deps: false,
    experimental: false,
    version: '1',
    ...more,
  };
}

/** What `GET /v1/computers/templates` lists. */
export const templates: readonly Template[] = [
  template('scratch', 'Minimal Ubuntu', { aliases: ['ubuntu-desktop-24.04'] }),
  template('coding-agent', 'Coding agent', {
    default_vcpus: 2,
    default_ram_mb: 2048,
    preinstalled_tools: ['git', 'python3', 'node'],
    recommended_for: ['coding'],
  }),
  template('browser-agent', 'Browser agent', {
    default_vcpus: 2,
    default_ram_mb: 4096,
    capabilities: ['exec', 'terminal', 'display', 'browser'],
    has_playwright_browsers: true,
    has_browser_system_deps: true,
  }),
];

/** The template of that id or alias. */
export function findTemplate(name: string): Template | undefined {
  return templates.find(({ id, aliases }) => id === name || aliases.includes(name));
}

/** What `GET /v1/billing/sizes` lists. */
export const sizes = [
  { id: 'micro', vcpus: 1, ram_mb: 1024, root_disk_mb: 10_240, hourly_rate_usd: 0.01 },
  { id: 'small', vcpus: 2, ram_mb: 2048, root_disk_mb: 10_240, hourly_rate_usd: 0.02 },
  { id: 'medium', vcpus: 4, ram_mb: 8192, root_disk_mb: 20_480, hourly_rate_usd: 0.08 },
] as const;

const surnames = ['noether', 'curie', 'lovelace', 'hopper', 'franklin', 'meitner', 'germain', 'johnson', 'hodgkin'];

/** A name that no computer has yet. */
export function freshName(taken: (name: string) => boolean): string {
  for (let round = 1; ; round++) {
    const free = surnames.map((name) => (round === 1 ? name : `${name}-${round}`)).find((name) => !taken(name));
    if (free !== undefined) return free;
  }
}
