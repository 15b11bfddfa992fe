/** Perl for single requests that are about a job, or before it: each answers with one word; see `follow.ts`. */
export const tellPart = String.raw`
# Sends records to a job, in order of their arrival here.
sub ctl {
  my ($op) = @_;
  # A job that is just being begun has its folder, and cannot be told anything yet.
  my $s = job_socket($op) or return say_line(-e "$jobs/$op/end" ? '.over' : '.none');
  my $bytes = standard_input();
  my $ends = $bytes =~ /^Q/;
  while ($bytes ne '') {
    my $put = syswrite($s, $bytes);
    return say_line('.lost') unless $put;
    substr($bytes, 0, $put) = '';
  }
  make_sure($op) if $ends;
  # The job closes the connection once it has read all of it: what is sent after this answer comes after it.
  shutdown($s, 1);
  1 while sysread($s, my $rest, 4096);
  say_line('.ok');
}

# A job that was told to end may not hear it, or not for long: its command may stop it again and again. A program that
# the command does not know of sees to it then.
sub make_sure {
  my ($op) = @_;
  my $pid = fork;
  return unless defined $pid;
  if ($pid) { waitpid($pid, 0); return }
  new_session();
  exit 0 if fork;
  open($_, '+<', '/dev/null') for *STDIN, *STDOUT, *STDERR;
  exec $^X, $0, 'sure', $op;
  exit 1;
}
sub sure {
  my ($op) = @_;
  my $over = sub {
    my ($times, $each) = @_;
    for (1 .. $times) {
      return 1 if -e "$jobs/$op/end";
      $each->();
      select(undef, undef, undef, 0.05);
    }
    return 0;
  };
  my $s = job_socket($op) or return;
  my $holder = holder($s);
  close $s;
  return if !$holder || $over->(40, sub { });
  my ($session) = map { (slurp("/proc/$_/stat") // '') =~ /^.*\) \S $holder \d+ (\d+)/s ? $1 : () } names('/proc', '^\d+$');
  spill("$jobs/$op/quit", '');
  kill_members($session // -1, "AIRLOCK_JOB=$op");
  $over->(120, sub { kill 'CONT', $holder });
}

# One piece of what is too long for a command line. N is how long the whole was before.
sub part {
  my ($op, $before) = @_;
  my $bytes = standard_input();
  open(my $f, '+>>', "$root/p-$op") or return say_line('.failed');
  my $length = -s $f;
  return say_line('.ok') if $length == $before + length $bytes;
  return say_line('.failed') if $length != $before;
  print $f $bytes;
  say_line(close($f) ? '.ok' : '.failed');
}

# Makes sure that an operation that has not begun never will.
sub void {
  my ($op) = @_;
  return say_line('.dup') unless mkdir("$jobs/$op", 0700);
  spill("$jobs/$op/end", 'void');
  say_line('.void');
}
`;
