/** Text as it is written here, but that `\${` stands for the beginning of a shell's own expansion. */
export function asWritten({ raw }: TemplateStringsArray): string {
  return raw.join('').replaceAll('\\${', '${');
}
