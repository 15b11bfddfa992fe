/** Perl that begins a job for a single request and follows it, in the answer's lines; see `follow.ts`. */
export const goPart = String.raw`
sub say_line { print "$_[0]\n" }
sub standard_input { local $/; my $text = <STDIN>; return dec(defined $text ? $text : '') }
sub gathered {
  my ($op) = @_;
  my $path = "$root/p-$op";
  my $text = slurp($path);
  unlink $path;
  return defined $text ? $text : '';
}

sub go {
  my ($op, $name, undef, @how) = @_;
  my ($word, $s) = begin($op, $name, gathered($op) . standard_input(), undef, sub { load($following); seen() });
  return say_line(".$word") unless $s;
  follow_on($s, @how) or say_line('.failed');
}
`;
