import type { Sandbox } from '../../src/core/sandbox.ts';

/** The same sandbox with some of its methods replaced. */
export function replaced(sandbox: Sandbox, methods: Partial<Sandbox>): Sandbox {
  const get = (target: Sandbox, name: string | symbol) => {
    const value: unknown = Reflect.get(methods, name) ?? Reflect.get(target, name, target);
    return typeof value === 'function' ? (value.bind(target) as unknown) : value;
  };
  return new Proxy(sandbox, { get });
}
