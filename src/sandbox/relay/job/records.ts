/** A record for a job: type, length, bytes. */
export function record(type: string, body: Uint8Array | string = ''): Uint8Array {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** Input that begins at `offset` of all input. */
export function inputRecord(offset: number, bytes: Uint8Array): Uint8Array {
  const at = Buffer.alloc(8);
  at.writeBigUInt64BE(BigInt(offset));
  return record('I', Buffer.concat([at, bytes]));
}

/** What a job is started with: fields that hold no NUL, joined by it. */
export interface JobSpec {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly deadlineMs?: number | undefined;
  readonly keep: boolean;
  /** Whether it reads input; or the size of the terminal that it is to have instead of streams. */
  readonly input: boolean | { readonly cols: number; readonly rows: number };
}

/** The spec as bytes; undefined where a NUL would break it. */
export function specBytes(spec: JobSpec): Uint8Array | undefined {
  const env = Object.entries(spec.env).map(([name, value]) => `${name}=${value}`);
  const deadline = spec.deadlineMs === undefined ? '' : String(Math.max(spec.deadlineMs, 1) / 1000);
  const flag = (on: boolean) => (on ? '1' : '');
  const fields = [
    deadline,
    flag(spec.keep),
    typeof spec.input === 'object' ? sizeOf(spec.input) : flag(spec.input),
    spec.cwd,
    String(env.length),
    ...env,
    ...spec.argv,
  ];
  return fields.some((field) => field.includes('\0')) ? undefined : Buffer.from(fields.join('\0'));
}

/** A terminal's size as a job reads it. */
export function sizeOf({ cols, rows }: { readonly cols: number; readonly rows: number }): string {
  const bounded = (value: number) => Math.min(Math.max(Math.trunc(value) || 1, 1), 9999);
  return `${bounded(rows)}x${bounded(cols)}`;
}
