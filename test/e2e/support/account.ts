import { type ModelScript, shellCall } from '../../support/model/script.ts';

const serve = `node -e "require('http').createServer((_, a) => a.end('from inside')).listen(8123)"`;
const commands: Readonly<Record<string, string>> = { change: "printf 'made\\n' >made.txt", serve };

/** Does what the first word of a prompt names. */
export const script: ModelScript = ({ entries, round }) => {
  const asked = entries.findLast(({ kind }) => kind === 'user');
  const text = asked?.kind === 'user' ? asked.text : '';
  const command = commands[text.split(' ')[0] ?? ''];
  if (round > 0 || command === undefined) return { text: `Answer to: ${text}` };
  return { calls: [shellCall(command, { yield_time_ms: 1500 })] };
};

/** What another machine left: one file that differs from the folder's, one that is new. */
export const left = `
mkdir -p /workspace/hello-project && cd /workspace/hello-project
printf 'Hello from elsewhere\\n' >README.md; printf 'new\\n' >elsewhere.txt
`;

/** Whether anything answers there. */
export async function isServed(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
