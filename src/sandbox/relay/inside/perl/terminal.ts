/**
 * Perl that takes over a terminal's shell: it reads what to run, a line of base64 (size, folder, count, variables, arguments),
 * puts the terminal back to its usual ways, and tells by invisible marks that the program runs and how it ended.
 */
export const terminalPart = String.raw`
sub term {
  my ($name) = @_;
  my $mark = sub { syswrite(STDOUT, "\e]8737;$name;$_[0]\a") };
  $mark->('ask');
  my $line = '';
  while ($line !~ /\n/) {
    exit 1 unless sysread(STDIN, $line, 65536, length $line);
  }
  my ($rows, $cols, $cwd, $count, @rest) = split /\0/, dec($line), -1;
  my @env = splice @rest, 0, $count;
  system 'stty', 'sane', 'rows', $rows, 'cols', $cols;
  return $mark->("refused There is no folder $cwd") unless chdir $cwd;
  my $terminal = $ENV{TERM};
  %ENV = (TERM => $terminal);
  for (split(/\0/, slurp("$root/env") // ''), "PWD=$cwd", @env, "AIRLOCK_TERMINAL=$name") {
    $ENV{$1} = $2 if /^([^=]+)=(.*)$/s;
  }
  $ENV{TERM} = 'xterm-256color' if !$ENV{TERM} || $ENV{TERM} eq 'dumb';
  my ($program) = @rest;
  my @at = $program =~ m{/} ? $program : map { "$_/$program" } split /:/, $ENV{PATH};
  return $mark->("refused There is no program $program") unless grep { -x $_ && ! -d _ } @at;
  $SIG{$_} = 'IGNORE' for qw(INT QUIT TSTP TTOU TTIN HUP);
  $mark->('up');
  my $pid = fork;
  if (!$pid) {
    $SIG{$_} = 'DEFAULT' for qw(INT QUIT TSTP TTOU TTIN HUP PIPE);
    umask 022;
    exec { $program } @rest;
    exit 127;
  }
  1 while waitpid($pid, 0) != $pid && $! == 4;
  $mark->(($? & 127) ? 'signaled ' . ($? & 127) : 'exited ' . ($? >> 8));
}
`;
