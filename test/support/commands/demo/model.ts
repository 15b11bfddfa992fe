import { modelName } from '../../model/answer.ts';
import { demoScript } from '../../model/demoScript.ts';
import { startModelServer } from '../../model/server.ts';

/** The model that works in the demo. */
export interface DemoModel {
  readonly title: string;
  /** User settings that point the extension to it. */
  readonly settings: Readonly<Record<string, string>>;
  /** A real model takes its time. */
  readonly turnTimeoutMs: number;
  close(): Promise<void>;
}

/** A real model where the environment holds a key; else a scripted one on loopback. */
export async function chooseModel(): Promise<DemoModel> {
  const { OPENAI_API_KEY: key, OPENAI_BASE_URL: base, OPENAI_MODEL: name } = process.env;
  if (key !== undefined && key !== '') {
    const title = `${name ?? 'the default one'} at ${base ?? 'OpenAI'}, with OPENAI_API_KEY from the environment`;
    return { title, settings: {}, turnTimeoutMs: 900_000, close: () => Promise.resolve() };
  }
  const server = await startModelServer(demoScript);
  return {
    title: `${modelName}: scripted, on this machine (set OPENAI_API_KEY for a real one). Its commands run for real.`,
    settings: { 'airlock.model.name': modelName, 'airlock.model.baseUrl': server.url },
    turnTimeoutMs: 180_000,
    close: async () => await server.close(),
  };
}
