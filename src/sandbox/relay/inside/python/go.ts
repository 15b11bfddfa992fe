/** Python that begins a job for a single request and follows it, in the answer's lines; see `follow.ts`. */
export const goPart = String.raw`
def standard_input():
    return dec(read_all(0))
def gathered(op):
    path = root + b'/p-' + op
    text = slurp(path) or b''
    forget_files(path)
    return text
def go(op, *how):
    begun = begin(op, gathered(op) + standard_input(), meanwhile=lambda: load(requests_part))
    if begun == b'ok':
        follow(op, *how)
    else:
        say_line(b'.' + begun)
`;
