import { ConfigurationTarget, window, workspace, type QuickPickItem } from 'vscode';
import { problemOf } from '../../core/problem.ts';
import { defaultBaseUrl, defaultModel, endpoint, environmentSentence, isLoopback } from '../model.ts';
import { currentModel, type Services } from '../services.ts';
import { showInformation } from '../notify.ts';

const suggestions = ['gpt-5.6', 'gpt-5.6-sol', 'gpt-5.6-terra', 'gpt-5.6-luna', 'gpt-5.3-codex'];
const other = '$(edit) Other Model…';
const endpointItem = '$(globe) Change Endpoint…';

/** Lets a person choose the model's name or its endpoint. Written to the user's settings, which no workspace can set. */
export async function chooseModel(services: Services): Promise<void> {
  const now = nowOf(services);
  const items: QuickPickItem[] = [
    ...names(now.name).map((label) => ({ label, ...(label === now.name ? { description: 'in use' } : {}) })),
    { label: other },
    { label: endpointItem, description: now.host },
  ];
  const picked = await window.showQuickPick(items, { title: 'Choose Model', placeHolder: now.said });
  if (picked === undefined) return;
  if (picked.label === endpointItem) {
    await chooseEndpoint(now.baseUrl);
    return;
  }
  const options = { title: 'Choose Model', prompt: 'Name as the endpoint knows it', value: now.name };
  const name = picked.label === other ? await window.showInputBox(options) : picked.label;
  if (name !== undefined && name.trim() !== '') await write('airlock.model.name', name.trim());
}

function nowOf(services: Services): { name: string; host: string; baseUrl: string; said: string } {
  try {
    const model = currentModel(services);
    const said = environmentSentence(model) ?? `${model.choice.name} at ${model.host}`;
    return { name: model.choice.name, host: model.host, baseUrl: model.choice.baseUrl, said };
  } catch (error) {
    const said = problemOf(error, 'bad-input').detail;
    return { name: defaultModel, host: '', baseUrl: defaultBaseUrl, said };
  }
}

function names(current: string): readonly string[] {
  return suggestions.includes(current) ? suggestions : [current, ...suggestions];
}

async function chooseEndpoint(value: string): Promise<void> {
  const url = await window.showInputBox({
    title: 'Change Endpoint',
    prompt: 'Base URL of an OpenAI-compatible service. Prompts and what the agent reads go there.',
    value,
    validateInput: (text) => whyUnusable(text.trim()),
  });
  if (url !== undefined) await write('airlock.model.baseUrl', url.trim());
}

function whyUnusable(text: string): string | undefined {
  if (text === '') return undefined;
  try {
    const { hostname, protocol } = endpoint(text);
    if (protocol === 'https:' || isLoopback(hostname)) return undefined;
    return 'Use https, unless the service runs on this machine.';
  } catch (error) {
    return problemOf(error, 'bad-input').detail;
  }
}

async function write(id: string, value: string): Promise<void> {
  await workspace.getConfiguration().update(id, value === '' ? undefined : value, ConfigurationTarget.Global);
}

/** Stores a key for the endpoint in use, and for no other. */
export async function setApiKey(services: Services): Promise<void> {
  const { host, origin } = currentModel(services);
  const key = await window.showInputBox({
    title: `API Key for ${host}`,
    prompt: `Kept in the editor’s secret storage and sent to ${host} only. It never enters the sandbox.`,
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? 'Paste the key.' : undefined),
  });
  if (key === undefined) return;
  await services.keys.set(origin, key);
  window.setStatusBarMessage(`API key for ${host} stored.`, 5000);
}

/** Forgets the key of an endpoint, and the consent to use the environment's key there. */
export async function forgetApiKey(services: Services): Promise<void> {
  const origins = await services.keys.origins();
  if (origins.length === 0) {
    void showInformation('No API key is stored.');
    return;
  }
  const options = { title: 'Forget API Key', placeHolder: 'Which endpoint’s key?' };
  const origin = await window.showQuickPick(origins, options);
  if (origin === undefined) return;
  const what = (await services.keys.holds(origin)) ? 'API key' : 'Consent to use the environment’s key';
  await services.keys.forget(origin);
  window.setStatusBarMessage(`${what} for ${origin} forgotten.`, 5000);
}
