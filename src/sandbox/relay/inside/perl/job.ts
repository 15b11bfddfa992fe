/**
 * Perl that holds one command as a daemon of its own, so that it outlives every connection. It listens on `s` in the
 * job's folder. Its log is a stream of records (type, length, bytes): S started, o and e output, i input taken so far,
 * x how it ended. A client sends F (name, offset) to follow from there, A (offset) what it has for good, I (offset,
 * bytes) input, Z (length) its end, K a signal, Q to end all of it, B goodbye. At most a megabyte of the log is kept;
 * when it is full nothing more is read from the command. In place of its streams a command may have a terminal of its
 * own, by a size (such as `30x100`) where the spec tells of input: then T (bytes) types, W (size) changes the size, and
 * the last of what it showed is kept for who joins.
 */
export const jobPart = String.raw`
sub size_pty { return ioctl($_[0], 0x5414, pack('S4', $_[1], $_[2], 0, 0)) }
sub open_pty {
  open(my $master, '+<', '/dev/ptmx') or return;
  my ($unlocked, $number) = (pack('i', 0), pack('I', 0));
  ioctl($master, 0x40045431, $unlocked) && ioctl($master, 0x80045430, $number) or return;
  size_pty($master, @_);
  return ($master, '/dev/pts/' . unpack('I', $number));
}

# Answers a word, and with ok the connection of the first follower, on which the head of the log comes before the command
# is started: where nothing comes, nothing was. In the new process something is forgotten first; in this one something is
# done meanwhile.
sub begin {
  my ($op, $name, $spec, $forget, $meanwhile) = @_;
  mkdir("$jobs/$op", 0700) or return $! == 17 ? 'dup' : 'failed';
  socketpair(my $near, my $far, 1, 1, 0) or return 'failed';
  my $pid = fork;
  return 'failed' unless defined $pid;
  if (!$pid) {
    new_session();
    # Gone at once: Perl takes its time to tidy up.
    kill 'KILL', $$ if fork;
    close $near;
    $forget->() if $forget;
    job($op, $spec, { s => $far, out => '', in => '', name => $name, at => 0, acked => 0 });
    exit 0;
  }
  close $far;
  $meanwhile->() if $meanwhile;
  waitpid($pid, 0);
  return ('ok', $near);
}

sub job {
  my ($op, $spec, $first) = @_;
  $SIG{HUP} = $SIG{INT} = $SIG{TERM} = 'IGNORE';
  chdir "$jobs/$op" or exit 1;
  my ($deadline, $keep, $input, $cwd, $count, @rest) = split /\0/, $spec, -1;
  my @env = splice @rest, 0, $count;
  my ($rows, $cols) = $input =~ /^(\d+)x(\d+)$/;
  my ($log, $base, @lengths) = ('', 0);
  my ($in, $fed, $reported, $inend, $inopen) = ('', 0, 0, 0, $input);
  my (%conn, %pipe, $pid, $ended, $over, $killing, $after, $heard);
  my $start = clock();
  my ($contact, $gone, $kept) = ($start, 0, 0);
  my ($door, $master, $inr, $inw, $outr, $errr);

  my $add = sub { my $r = record(@_); $log .= $r; push @lengths, length $r };
  my $finish = sub {
    return if $over;
    $over = $_[0];
    $add->('x', $over);
    spill('end', $over);
    $gone = $kept = clock() + 600;
    unlink 'kept', 'quit';
    # Whoever still runs in a terminal hears that it was hung up.
    if ($rows) { %pipe = (); undef $_ for $inw, $master, $outr }
  };

  unix_socket($door) && bind($door, unix_path('s')) && listen($door, 16) or exit 1;
  free($door);
  pipe($outr, my $outw);
  pipe($errr, my $errw);
  pipe(my $whyr, my $whyw);
  if ($rows) {
    ($master, $inr) = open_pty($rows, $cols);
    $master && open($inw, '>&', $master) or exit 1;
    ($outr, $errr) = ($master, undef);
    spill('kept', '') if $keep;
  }
  elsif ($input) { pipe($inr, $inw) } else { open($inr, '<', '/dev/null') }
  $SIG{CHLD} = sub { };
  syswrite($first->{s}, pack('NN', 0, 0));
  $conn{fileno $first->{s}} = $first;
  $pid = fork;
  run_command($op, $cwd, \@env, \@rest, $inr, $outw, $errw, $whyw) if defined $pid && !$pid;
  close $_ for grep { ref } $outw, $errw, $whyw, $inr;
  # Done while the command starts.
  open($_, '+<', '/dev/null') for *STDIN, *STDOUT, *STDERR;
  my $hold = eval "sub { $holding }" or exit 1;
  my $why = defined $pid ? '' : 'There is no process left';
  1 while sysread($whyr, $why, 4096, length $why);
  free($first->{s});
  free($_) for grep { $_ } $outr, $errr;
  free($inw) if $input;
  if ($why ne '') { $finish->("refused $why") } else { $add->('S', '') }
  %pipe = (o => $outr, $rows ? () : (e => $errr)) if $why eq '';
  $hold->();
}
`;
