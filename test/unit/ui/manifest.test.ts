import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { actionCommands } from '../../../src/actionCommands.ts';
import type { Provider } from '../../../src/core/sandbox.ts';
import { thisMachine } from '../../../src/host/spawn.ts';
import { celestoProvider } from '../../../src/sandbox/celesto/index.ts';
import { processProvider } from '../../../src/sandbox/process/index.ts';
import { smolVmProvider } from '../../../src/sandbox/smolvm/index.ts';
import { commandTitles, contextDefaults, reviewScheme, settings, views } from '../../../src/ui/ids.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const readJson = (name: string): unknown => JSON.parse(readFileSync(`${root}${name}`, 'utf8'));

const property = z.looseObject({ scope: z.string(), order: z.number(), markdownDescription: z.string() });
const manifestShape = z.object({
  activationEvents: z.array(z.string()),
  icon: z.string(),
  capabilities: z.object({
    untrustedWorkspaces: z.object({ supported: z.literal('limited'), restrictedConfigurations: z.array(z.string()) }),
    virtualWorkspaces: z.object({ supported: z.literal(false) }),
  }),
  contributes: z.object({
    commands: z.array(z.object({ command: z.string(), title: z.string(), category: z.literal('Airlock') })),
    views: z.record(z.string(), z.array(z.object({ id: z.string(), icon: z.string() }))),
    viewsContainers: z.record(z.string(), z.array(z.object({ id: z.string(), icon: z.string() }))),
    viewsWelcome: z.array(z.object({ view: z.string(), contents: z.string() })),
    keybindings: z.array(z.object({ command: z.string(), key: z.string(), when: z.string() })),
    menus: z.record(z.string(), z.array(z.object({ command: z.string(), when: z.string() }))),
    configuration: z.array(z.object({ properties: z.record(z.string(), property) })),
    walkthroughs: z.array(
      z.object({
        steps: z.array(
          z.object({ media: z.object({ markdown: z.string() }), completionEvents: z.array(z.string()).min(1) }),
        ),
      }),
    ),
  }),
});

const text = readFileSync(`${root}package.json`, 'utf8');
const manifest = manifestShape.parse(readJson('package.json'));
const strings = z.record(z.string(), z.string()).parse(readJson('package.nls.json'));
const { contributes } = manifest;
const properties = Object.assign({}, ...contributes.configuration.map((group) => group.properties)) as Record<
  string,
  z.infer<typeof property>
>;
const translated = (name: string) => strings[name.replaceAll('%', '')];

/** The kinds of sandboxes as `extension.ts` has them, where nobody is signed in. */
const providers: readonly Provider[] = [
  processProvider({
    machine: thisMachine(),
    storage: '/nowhere',
    programs: { supervisor: '', keeper: '' },
    log: () => undefined,
  }),
  celestoProvider({
    keys: {
      read: () => Promise.resolve(undefined),
      ask: () => Promise.resolve(),
      forget: () => Promise.resolve(),
    },
    storage: '/nowhere',
    log: () => undefined,
  }),
  smolVmProvider({
    machine: thisMachine(),
    storage: '/nowhere',
    openTerminal: () => Promise.resolve(),
    log: () => undefined,
  }),
];

/** What a schema and the manifest both say of a setting. */
const told = z
  .object({
    type: z.unknown(),
    minimum: z.number(),
    maximum: z.number(),
    minLength: z.number(),
    maxLength: z.number(),
    enum: z.array(z.string()),
    default: z.unknown(),
  })
  .partial();
const schemaShape = z.object({ properties: z.record(z.string(), z.record(z.string(), z.unknown())) });
/** `diskSize` may be null, which JSON Schema says as a choice of two. */
const flat = ({ anyOf, ...rest }: Record<string, unknown>): Record<string, unknown> => {
  if (!Array.isArray(anyOf)) return rest;
  const choices = anyOf as Record<string, unknown>[];
  const merged = choices.reduce((all, one) => ({ ...all, ...one }), {});
  return { ...merged, ...rest, type: choices.map(({ type }) => type) };
};

describe('the manifest', () => {
  it('names the commands of ids.ts, with their titles', () => {
    const titles = Object.fromEntries(contributes.commands.map(({ command, title }) => [command, translated(title)]));
    const actions = Object.fromEntries(actionCommands.map(({ id, title }) => [id, title]));
    assert.deepEqual(titles, { ...commandTitles, ...actions });
  });

  it('has a command for every action of a provider, with its title', () => {
    const offered = providers.flatMap(({ id, actions }) => actions.map((one) => [id, one.id, one.title]));
    assert.deepEqual(
      actionCommands.map(({ provider, action, title }) => [provider, action, title]),
      offered,
    );
    assert.equal(offered.length, 4);
  });

  it('names the views and containers of ids.ts, each with an icon that exists', () => {
    const all = Object.values(contributes.views).flat();
    assert.deepEqual(new Set(all.map(({ id }) => id)), new Set(Object.values(views)));
    const containers = Object.values(contributes.viewsContainers).flat();
    assert.deepEqual(new Set(containers.map(({ id }) => id)), new Set(['airlock', 'airlock-panel']));
    for (const { icon } of [...all, ...containers]) assert.ok(existsSync(root + icon), icon);
    assert.ok(existsSync(root + manifest.icon));
  });

  it('uses only context keys that are set', () => {
    const used = new Set([...text.matchAll(/(?<![\w.%(:-])airlock\.[A-Za-z]+(?=[^A-Za-z."])/g)].map(([key]) => key));
    const known = [...Object.keys(contextDefaults), ...Object.values(views), ...Object.keys(commandTitles)];
    assert.deepEqual(
      [...used].filter((key) => !known.includes(key)),
      [],
    );
    assert.ok(used.has('airlock.hasSession'));
  });

  it('has menus for known commands and views only, and at most three icons in a title', () => {
    for (const entries of Object.values(contributes.menus)) {
      for (const { command } of entries) assert.ok(command in commandTitles, command);
    }
    for (const view of Object.values(views)) {
      const icons = (contributes.menus['view/title'] ?? []).filter(
        (entry) => entry.when.includes(view) && JSON.stringify(entry).includes('navigation'),
      );
      assert.ok(icons.length <= 3, view);
    }
    for (const { view } of contributes.viewsWelcome) assert.ok(Object.values(views).some((id) => id === view));
  });

  it('binds keys to known commands, each only where it makes sense', () => {
    for (const { command, key, when } of contributes.keybindings) {
      assert.ok(command in commandTitles, command);
      assert.match(when, key === 'delete' ? /^focusedView == airlock\.\w+ && !inputFocus/ : /airlock\.\w+/);
    }
  });

  it('runs only known commands from welcome texts and the walkthrough', () => {
    const links = Object.values(strings).flatMap((value) => [...value.matchAll(/\(command:([^)]+)\)/g)]);
    const own = links.map(([, command]) => command ?? '').filter((command) => command.startsWith('airlock.'));
    assert.ok(own.length > 0);
    for (const command of own) assert.ok(command in commandTitles, command);
  });

  it('has a text for every placeholder, and no text without one', () => {
    const used = new Set([...text.matchAll(/%([\w.]+)%/g)].map(([, key]) => key));
    assert.deepEqual(used, new Set(Object.keys(strings)));
  });

  it('keeps every setting out of the reach of a workspace', () => {
    for (const [id, { scope }] of Object.entries(properties)) assert.equal(scope, 'application', id);
    assert.deepEqual(
      new Set(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations),
      new Set(Object.keys(properties)),
    );
    for (const id of Object.values(settings)) assert.ok(id in properties, id);
  });

  it('has exactly the settings of each provider, with the ranges and defaults of its schema', () => {
    // A program attaches to a computer by these; a person does in the list of computers. Address and path are the connection's.
    const notSet = ['computerId', 'vmId', 'deleteOnClose'];
    const ofConnection = ['baseUrl', 'path'];
    for (const { id: provider, settings: schema } of providers) {
      const start = `airlock.${provider}.`;
      const contributed = Object.entries(properties)
        .filter(([id]) => id.startsWith(start))
        .map(([id, value]) => [id.slice(start.length), value] as const)
        .filter(([name]) => !ofConnection.includes(name));
      const known = schemaShape.parse(z.toJSONSchema(schema, { io: 'input' })).properties;
      assert.deepEqual(
        contributed.map(([name]) => name).sort(),
        Object.keys(known)
          .filter((name) => !notSet.includes(name))
          .sort(),
      );
      for (const [name, value] of contributed) {
        const wanted = told.parse(flat(known[name] ?? {}));
        const has = told.parse(value);
        // Where the schema has no default, it depends on what else is asked for.
        if (!('default' in wanted)) delete has.default;
        assert.deepEqual(has, wanted, start + name);
      }
      assert.ok(
        schema.safeParse(Object.fromEntries(contributed.map(([name, value]) => [name, value['default']]))).success,
      );
    }
  });

  it('has walkthrough steps with pages that exist, and wakes up for shown reviews', () => {
    const steps = contributes.walkthroughs.flatMap((one) => one.steps);
    assert.equal(steps.length, 4);
    for (const { media } of steps) assert.ok(existsSync(root + media.markdown), media.markdown);
    assert.ok(manifest.activationEvents.includes(`onFileSystem:${reviewScheme}`));
  });
});
