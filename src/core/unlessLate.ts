/** The answer, or undefined where it does not come in time: then `late` is called, and the answer is waited for no more. */
export async function unlessLate<T>(
  answer: Promise<T>,
  withinMs: number,
  late: () => void = () => undefined,
): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      late();
      resolve(undefined);
    }, withinMs);
  });
  return await Promise.race([answer, silence]).finally(() => clearTimeout(timer));
}
