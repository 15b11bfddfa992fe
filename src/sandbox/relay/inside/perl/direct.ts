/**
 * Perl that runs one command on the very streams that it has itself, for much that comes and goes: the spec comes first on
 * standard input, behind its length. How the command ended lies in the job's folder, as for every other.
 */
export const directPart = String.raw`
sub exactly {
  my ($length) = @_;
  my $text = '';
  while (length $text < $length) {
    sysread(STDIN, $text, $length - length $text, length $text) or exit 1;
  }
  return $text;
}
sub direct {
  my ($op) = @_;
  my (undef, undef, $input, $cwd, $count, @rest) = split /\0/, exactly(unpack('N', exactly(4))), -1;
  my @env = splice @rest, 0, $count;
  mkdir("$jobs/$op", 0700) or exit 1;
  open(my $in, $input ? '<&' : '<', $input ? \*STDIN : '/dev/null') or exit 1;
  open(my $out, '>&', \*STDOUT) && open(my $err, '>&', \*STDERR) or exit 1;
  pipe(my $whyr, my $whyw) or exit 1;
  $SIG{$_} = 'IGNORE' for qw(HUP INT TERM);
  my $pid = fork;
  run_command($op, $cwd, \@env, \@rest, $in, $out, $err, $whyw) if defined $pid && !$pid;
  close $_ for $whyw, $in, $out, $err;
  my $why = '';
  1 while sysread($whyr, $why, 4096, length $why);
  open($_, '+<', '/dev/null') for *STDIN, *STDOUT;
  my $end = defined $pid ? $why ne '' ? "refused $why" : '' : 'refused There is no process left';
  1 while $end eq '' && waitpid($pid, 0) != $pid && $! == 4;
  my $signal = $? & 127;
  $end ||= $signal ? "signaled $signal" : 'exited ' . ($? >> 8);
  spill("$jobs/$op/end", $end);
}
`;
