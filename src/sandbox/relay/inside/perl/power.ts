/** Perl that ends a terminal's processes, and that shuts the computer down after a time without a sign of life. */
export const powerPart = String.raw`
sub end_session {
  my ($mark) = @_;
  say_line(kill_members(-1, $mark) ? '.dead' : '.alive');
}

sub power_off {
  for my $as ('', 'sudo -n ') {
    for my $how ('systemctl poweroff', 'poweroff', 'shutdown -h now', 'halt -p') {
      my ($program) = split ' ', $how;
      next unless grep { -x "$_/$program" } split(/:/, $ENV{PATH}), '/sbin', '/usr/sbin';
      return 1 if system("$as$how >/dev/null 2>&1") == 0;
    }
  }
  return 0;
}

sub watch {
  my ($seconds) = @_;
  my ($old) = (slurp("$root/watch") // '') =~ /^(\d+)$/;
  kill 'KILL', $old if $old && (slurp("/proc/$old/cmdline") // '') =~ /\0watch\0/;
  if ($seconds <= 0) { unlink "$root/watch"; return say_line('.ok') }
  $ENV{PATH} ||= '/usr/sbin:/usr/bin:/sbin:/bin';
  my $pid = fork;
  return say_line('.failed') unless defined $pid;
  if ($pid) { waitpid($pid, 0); return say_line('.ok') }
  new_session();
  my $daemon = fork;
  if ($daemon) { spill("$root/watch", $daemon); exit 0 }
  open($_, '+<', '/dev/null') for *STDIN, *STDOUT, *STDERR;
  $SIG{HUP} = 'IGNORE';
  my ($slept, $last) = (0, slurp("$root/seen") // '');
  # Slept seconds are counted, not read from the clock: a computer that was restored elsewhere gets its full time.
  while (1) {
    my $step = $seconds < 40 ? 1 : 20;
    sleep $step;
    $slept += $step;
    my $now = slurp("$root/seen") // '';
    ($slept, $last) = (0, $now) if $now ne $last;
    spill("$root/idle", $slept);
    next if $slept < $seconds;
    power_off();
    $slept = 0;
  }
}
`;
