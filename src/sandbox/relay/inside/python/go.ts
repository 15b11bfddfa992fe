/** Python that begins a job for a single request and follows it, in the answer's lines; see `follow.ts`. */
export const goPart = String.raw`
def standard_input():
    return dec(read_all(0))
def gathered(op):
    path = root + b'/p-' + op
    text = slurp(path) or b''
    forget_files(path)
    return text
def go(op, name, at, *how):
    def meanwhile():
        load(following_part)
        seen()
    word, s = begin(op, name, gathered(op) + standard_input(), meanwhile=meanwhile)
    if not s:
        say_line(b'.' + word)
    elif not follow_on(s, *how):
        say_line(b'.failed')
`;
