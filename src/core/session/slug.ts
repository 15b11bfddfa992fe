const maxLength = 60;

/** A folder's name as a safe name under `/workspace`: plain letters, digits, `.`, `_` and `-`. */
export function slugOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, maxLength);
  return plain === '' ? 'workspace' : plain;
}
