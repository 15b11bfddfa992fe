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
  my ($op, @how) = @_;
  my $begun = begin($op, gathered($op) . standard_input(), undef, sub { load($requests) });
  return say_line(".$begun") unless $begun eq 'ok';
  follow($op, @how);
}
`;
