/** Perl that finds and ends processes. What starts a command needs it only once the command was started. */
export const processesPart = String.raw`
# Names in a folder. Wherever "glob" is written it loads a module, which costs more time than a short command.
sub names {
  my ($folder, $like) = @_;
  opendir(my $d, $folder) or return;
  return grep { /$like/ } readdir $d;
}
# Processes that carry a job's mark or are of its session, the dead and ourselves left out.
sub members {
  my ($session, $mark) = @_;
  my @found;
  for my $pid (names('/proc', '^\d+$')) {
    next if $pid == $$;
    my $text = slurp("/proc/$pid/stat");
    next unless defined $text && $text =~ /^.*\) (\S) (?:\S+ ){2}(\d+)/s && $1 ne 'Z' && $1 ne 'X';
    if ($2 == $session) { push @found, $pid; next }
    my $env = $mark eq '' ? undef : slurp("/proc/$pid/environ");
    push @found, $pid if defined $env && index("\0$env", "\0$mark\0") >= 0;
  }
  return @found;
}
# Kills until none is left; true once that was seen.
sub kill_members {
  my ($session, $mark) = @_;
  for (1 .. 100) {
    my @left = members($session, $mark);
    return 1 unless @left;
    kill 'KILL', @left;
    select(undef, undef, undef, 0.02 + $_ / 1000);
  }
  return 0;
}
`;
