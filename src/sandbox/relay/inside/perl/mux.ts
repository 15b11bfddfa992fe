/**
 * Perl that carries many connections over one terminal in raw mode. It prints a marker and a probe of every byte; the
 * answer tells how to write (`raw` bytes, or `b64` lines where the way is not byte-exact) and brings a probe of the
 * other direction. Then frames go both ways: length, type, channel, sum of the bytes, bytes. Opening: J a job, T a port,
 * L the ports that are listened on, K the terminals that are
 * kept, C records for a job, V that an operation shall never begin; o and r answer that. d data within the credit that c grants, e the end of one
 * direction, x the end of both, p a sign of life. Each direction of a channel starts with a credit of a quarter megabyte.
 */
export const muxPart = String.raw`
my $credit = 262144;
my ($outmode, $inmode) = ('b64', 'b64');
my ($tty_out, $tty_in) = ('', '');
my (%ch, $ports);

sub frame {
  my ($type, $id, $bytes) = @_;
  $bytes = '' unless defined $bytes;
  my $body = pack('a N N', $type, $id, unpack('%32C*', $bytes)) . $bytes;
  $tty_out .= $outmode eq 'raw' ? pack('N', length $body) . $body : enc($body) . "\n";
}
sub next_frame {
  my $body;
  if ($inmode eq 'raw') {
    return undef if length $tty_in < 4;
    my $length = unpack('N', $tty_in);
    exit 3 if $length > 1048576 || $length < 9;
    return undef if length $tty_in < 4 + $length;
    $body = substr($tty_in, 4, $length);
    substr($tty_in, 0, 4 + $length) = '';
  } else {
    my $end = index($tty_in, "\n");
    return undef if $end < 0;
    $body = dec(substr($tty_in, 0, $end));
    substr($tty_in, 0, $end + 1) = '';
  }
  my ($type, $id, $sum) = unpack('a N N', $body);
  my $bytes = substr($body, 9);
  exit 3 if unpack('%32C*', $bytes) != $sum;
  return [$type, $id, $bytes];
}

sub probe_bytes { return join('', map { chr(($_ * 37) & 255) } 0 .. 255) . join('', map { chr } 0 .. 255) }
sub handshake {
  my ($name) = @_;
  my $end = "\nAIRLOCK-PROBED\n";
  syswrite(STDOUT, "\nAIRLOCK-MUX $name\n" . probe_bytes() . $end);
  my $until = time + 20;
  while (1) {
    my $at = index($tty_in, $end);
    if ($at >= 0) {
      my $said = substr($tty_in, 0, $at);
      substr($tty_in, 0, $at + length $end) = '';
      exit 3 unless $said =~ s/^.*?(raw|b64)\n//s;
      $outmode = $1;
      $inmode = 'raw' if $said eq probe_bytes();
      frame('h', 0, $inmode);
      return;
    }
    my $r = '';
    vec($r, fileno(STDIN), 1) = 1;
    exit 3 if time > $until || length $tty_in > 65536;
    next if select($r, undef, undef, 1) <= 0;
    exit 3 unless sysread(STDIN, $tty_in, 65536, length $tty_in);
  }
}

sub open_channel {
  my ($id, $s, %more) = @_;
  $ch{$id} = { s => $s, out => '', may => $credit, %more };
}
sub open_job {
  my ($id, $body) = @_;
  my ($how, $op, $name, $from, $spec) = split /\0/, $body, 5;
  return frame('r', $id, 'bad') unless known_op($op);
  my $forget = sub { %ch = (); undef $ports; $tty_out = $tty_in = '' };
  my $new = $how eq 'go';
  my ($word, $s) = $new ? begin($op, $name, gathered($op) . $spec, $forget) : ('ok', job_socket($op));
  return frame('r', $id, $word) unless $word eq 'ok';
  return tell_end($id, $op) unless $s;
  # What is told next must find it.
  my $r = '';
  vec($r, fileno($s), 1) = 1;
  select($r, undef, undef, undef) if $new;
  # Opened with its first byte: a job that has just been let go of, or could not begin, closes without one.
  open_channel($id, free($s), $new ? (new => 1) : (out => record('F', "$name $from")), job => $op);
}
sub tell_end {
  my ($id, $op) = @_;
  my $end = slurp("$jobs/$op/end");
  return frame('r', $id, -e "$jobs/$op" ? 'lost' : 'none') unless defined $end;
  frame('o', $id, 'over');
  frame('d', $id, record('x', $end));
  frame('e', $id);
}
sub known_op { return $_[0] =~ /^op-[0-9a-f]{20}$/ }
# The job closes the connection once it has read all of it: then the channel is closed as well.
sub tell_job {
  my ($id, $op, $records) = @_;
  my $s = known_op($op) && job_socket($op);
  return frame('r', $id, known_op($op) && -e "$jobs/$op/end" ? 'over' : 'none') unless $s;
  frame('o', $id);
  open_channel($id, free($s), out => $records, ending => 1);
  make_sure($op) if $records =~ /^Q/;
}
sub never_begin {
  my ($id, $op) = @_;
  my $never = known_op($op) && mkdir("$jobs/$op", 0700) && spill("$jobs/$op/end", 'void');
  frame('r', $id, $never ? 'void' : 'dup');
}
sub tell_kept {
  my ($id) = @_;
  my @kept = grep { -e "$jobs/$_/kept" && job_socket($_) } names($jobs, '^op-');
  frame('o', $id);
  frame('d', $id, join("\n", @kept));
  frame('x', $id);
}
sub dial_next {
  my ($id, $port, @to) = @_;
  my $to = shift @to or return frame('r', $id, 'refused');
  my $v6 = $to eq '6';
  socket(my $s, $v6 ? 10 : 2, 1, 0) or return dial_next($id, $port, @to);
  free($s);
  my $where = $v6 ? pack('S n N a16 N', 10, $port, 0, "\0" x 15 . "\1", 0) : pack('S n C4 x8', 2, $port, 127, 0, 0, 1);
  if (connect($s, $where)) { frame('o', $id); open_channel($id, $s) }
  elsif ($! == 115) { open_channel($id, $s, dial => [$port, @to], until => time + 10) }
  else { dial_next($id, $port, @to) }
}
sub dialled {
  my ($id) = @_;
  my $c = $ch{$id};
  my $error = unpack('i', getsockopt($c->{s}, 1, 4));
  my $next = delete $c->{dial};
  return frame('o', $id) if !$error;
  delete $ch{$id};
  dial_next($id, @$next);
}

# What listens, a line each: family, address in hexadecimal, port, program.
sub listeners {
  my @found;
  for my $family ('tcp', 'tcp6') {
    for (split /\n/, slurp("/proc/net/$family") // '') {
      push @found, [$family, $1, hex $2, $3] if /^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) \S+ 0A (?:\S+\s+){5}(\d+)/;
    }
  }
  my $key = join ' ', map { @$_ } @found;
  return undef if defined $ports->{key} && $ports->{key} eq $key;
  $ports->{key} = $key;
  my %name;
  for my $pid (@found ? names('/proc', '^\d+$') : ()) {
    for my $fd (names("/proc/$pid/fd", '^\d+$')) {
      next unless (readlink("/proc/$pid/fd/$fd") // '') =~ /^socket:\[(\d+)\]$/;
      my $inode = $1;
      next unless grep { $_->[3] == $inode } @found;
      $name{$inode} = slurp("/proc/$pid/comm") // '';
      $name{$inode} =~ s/[^ -~]//g;
    }
  }
  return join "\n", map { "$_->[0] $_->[1] $_->[2] " . ($name{$_->[3]} // '') } @found;
}
sub tell_listeners {
  my $now = listeners();
  return unless defined $now;
  frame('d', $ports->{id}, "$now\n\n");
}

sub drop { my ($id) = @_; delete $ch{$id}; frame('x', $id) }
sub settle {
  my ($id) = @_;
  my $c = $ch{$id};
  if ($c->{ending} && $c->{out} eq '' && !$c->{ended}) { shutdown($c->{s}, 1); $c->{ended} = 1 }
  drop($id) if $c->{eof} && ($c->{ended} || $c->{broken});
}
sub obey {
  my ($type, $id, $bytes) = @_;
  my $c = $ch{$id};
  if ($type eq 'J') { open_job($id, $bytes) }
  elsif ($type eq 'T') { dial_next($id, $bytes, '4', '6') }
  elsif ($type eq 'L') { $ports = { id => $id }; frame('o', $id); tell_listeners() }
  elsif ($type eq 'C') { tell_job($id, split(/\0/, $bytes, 2)) }
  elsif ($type eq 'V') { never_begin($id, $bytes) }
  elsif ($type eq 'K') { tell_kept($id) }
  elsif ($type eq 'p') { seen(); frame('p', 0) }
  elsif ($type eq 'x') { syswrite($c->{s}, $c->{out}) if $c && $c->{out} ne ''; delete $ch{$id}; undef $ports if $ports && $ports->{id} == $id }
  elsif (!$c) { return }
  elsif ($type eq 'd') { $c->{out} .= $bytes }
  elsif ($type eq 'e') { $c->{ending} = 1; settle($id) unless $c->{dial} }
  elsif ($type eq 'c') { $c->{may} += $bytes }
}

sub mux {
  my ($name) = @_;
  $SIG{HUP} = $SIG{INT} = $SIG{TERM} = 'DEFAULT';
  open(STDERR, '>', '/dev/null');
  handshake($name);
  seen();
  free(*STDIN);
  free(*STDOUT);
  my ($heard, $looked) = (time, time);
  my $heed = sub { while (my $f = next_frame()) { $heard = time; obey(@$f) } };
  $heed->();
  while (1) {
    my ($r, $w) = ('', '');
    my $flood = length $tty_out > 1048576;
    vec($r, fileno(STDIN), 1) = 1;
    vec($w, fileno(STDOUT), 1) = 1 if $tty_out ne '';
    for my $c (values %ch) {
      vec($w, fileno($c->{s}), 1) = 1 if $c->{dial} || $c->{out} ne '';
      vec($r, fileno($c->{s}), 1) = 1 if !$c->{dial} && !$c->{eof} && $c->{may} > 0 && !$flood;
    }
    my $n = select($r, $w, undef, $ports ? 0.5 : 5);
    exit 0 if time - $heard > 120;
    for my $id (keys %ch) { if ($ch{$id}{dial} && time > $ch{$id}{until}) { delete $ch{$id}; frame('r', $id, 'refused') } }
    if ($ports && time != $looked) { $looked = time; tell_listeners() }
    next if $n <= 0;
    if (on($w, *STDOUT)) {
      my $put = syswrite(STDOUT, $tty_out, 65536);
      if ($put) { substr($tty_out, 0, $put) = '' } elsif (!later()) { exit 0 }
    }
    my @ids = keys %ch;
    for my $id (@ids) {
      my $c = $ch{$id} or next;
      my $s = $c->{s};
      if ($c->{dial}) { dialled($id) if on($w, $s); next }
      if ($c->{out} ne '' && on($w, $s)) {
        my $put = syswrite($s, $c->{out});
        if ($put) { substr($c->{out}, 0, $put) = ''; frame('c', $id, $put) }
        elsif (!later()) { $c->{out} = ''; $c->{broken} = 1 }
      }
      if (on($r, $s)) {
        my $most = $c->{may} < $piece ? $c->{may} : $piece;
        my $got = sysread($s, my $bytes, $most);
        if ($c->{job} && ($got || defined $got || !later())) {
          my $op = delete $c->{job};
          if (!$got) { delete $ch{$id}; $c->{new} ? frame('r', $id, 'failed') : tell_end($id, $op); next }
          frame('o', $id, 'live');
        }
        if ($got) { $c->{may} -= $got; frame('d', $id, $bytes) }
        elsif (defined $got) { $c->{eof} = 1; frame('e', $id) }
        elsif (!later()) { drop($id); next }
      }
      settle($id);
    }
    if (on($r, *STDIN)) {
      my $got = sysread(STDIN, $tty_in, 65536, length $tty_in);
      exit 0 if defined $got ? !$got : !later();
      $heed->();
    }
  }
}
`;
