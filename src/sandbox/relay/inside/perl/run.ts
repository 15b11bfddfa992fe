/** Perl that becomes one command, in a session of its own and with the environment that was noted when we came in. */
export const runPart = String.raw`
sub run_command {
  my ($op, $cwd, $env, $argv, $in, $out, $err, $why) = @_;
  my $fail = sub { syswrite($why, $_[0]); exit 127 };
  new_session();
  umask 022;
  $SIG{$_} = 'DEFAULT' for qw(PIPE CHLD HUP INT TERM);
  if (ref $in) {
    open(STDIN, '<&', $in) or $fail->("$!");
    open(STDOUT, '>&', $out) or $fail->("$!");
    open(STDERR, '>&', $err) or $fail->("$!");
  } else {
    open(STDIN, '+<', $in) or $fail->("$!");
    ioctl(STDIN, 0x540E, 0);
    open(STDOUT, '>&', \*STDIN) && open(STDERR, '>&', \*STDIN) or $fail->("$!");
  }
  chdir $cwd or $fail->("There is no folder $cwd");
  %ENV = ();
  for (split(/\0/, slurp("$root/env") // ''), "PWD=$cwd", @$env, "AIRLOCK_JOB=$op") {
    $ENV{$1} = $2 if /^([^=]+)=(.*)$/s;
  }
  $ENV{TERM} = 'xterm-256color' if !ref $in && (!$ENV{TERM} || $ENV{TERM} eq 'dumb');
  exec { $argv->[0] } @$argv;
  $fail->("$!");
}
`;
