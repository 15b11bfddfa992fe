/**
 * Perl that goes on inside `job` (see `job.ts`) once its command was started, with all that is declared there: reads from
 * the command, and serves whoever connects, until both are over.
 */
export const holdingPart = String.raw`
# Its own: what lies around a text that is compiled within another is not there any more when it runs.
my ($most, $grace, $shown, $alone_shown, $looks) = (1048576, 30, 65536, 262144, 0);
sub records {
  my ($buffer, $each) = @_;
  while (length $$buffer >= 5) {
    my ($type, $length) = unpack('a N', $$buffer);
    last if length $$buffer < 5 + $length;
    my $body = substr($$buffer, 5, $length);
    substr($$buffer, 0, 5 + $length) = '';
    $each->($type, $body);
  }
}
my $behind = sub { my ($c) = @_; return $c->{out} ne '' || defined $c->{at} && $c->{at} < $base + length $log };
my $trim = sub {
  my ($to) = @_;
  while (@lengths && $base + $lengths[0] <= $to) {
    my $length = shift @lengths;
    substr($log, 0, $length) = '';
    $base += $length;
  }
};
my $stop = sub {
  return if $over || $killing;
  $killing = $_[0];
  load($processes);
  my $dead = kill_members($pid, "AIRLOCK_JOB=$op");
  for my $type (grep { $pipe{$_} } 'o', 'e') {
    while (length $log < $most && sysread($pipe{$type}, my $bytes, $piece)) { $add->($type, $bytes) }
  }
  $finish->($dead ? "stopped $killing group" : "unverified $killing");
};
my $take = sub {
  my ($c, $type, $body) = @_;
  if ($type eq 'F') {
    my ($name, $from) = split / /, $body;
    for my $other (grep { $_ != $c && $_->{name} eq $name } values %conn) { $other->{dead} = 1 }
    $from = $base if $from < $base;
    $from = $base + length $log if $from > $base + length $log;
    @$c{qw(name at acked)} = ($name, $from, $from);
    $c->{out} = pack('NN', int($from / 4294967296), $from % 4294967296);
  } elsif ($type eq 'A') {
    $c->{acked} = $body if $body > $c->{acked};
  } elsif ($type eq 'I' && $inopen && !$inend) {
    my ($high, $low) = unpack('NN', $body);
    my $skip = $fed + length($in) - ($high * 4294967296 + $low);
    $in .= substr($body, 8 + $skip) if $skip >= 0 && $skip < length($body) - 8;
  } elsif ($type eq 'Z') {
    $inend = 1 if $fed + length($in) == $body;
  } elsif ($type eq 'K' && $body =~ /^(INT|TERM|KILL)$/ && !$over) {
    kill $body, -$pid;
  } elsif ($type eq 'Q') {
    $stop->('abort');
  } elsif ($type eq 'B') {
    # Who was told all of it leaves; others may not know it yet.
    $gone = 0 if $over && !$rows && defined $c->{at} && !$behind->($c);
  } elsif ($type eq 'T' && $rows && $inopen && !$over) {
    $c->{types} = 1;
    $in .= $body;
  } elsif ($type eq 'W' && $rows && !$over && $body =~ /^(\d+)x(\d+)$/) {
    size_pty($master, $1, $2);
  }
};

while (1) {
  my $now = clock();
  delete $conn{$_} for grep { $conn{$_}{dead} } keys %conn;
  if ($over && $door && (!-e 'end' || $now > ((grep { $behind->($_) } values %conn) ? $kept : $gone))) {
    close $door;
    undef $door;
    unlink 's';
    %conn = ();
  }
  # What the command left behind goes on writing: its pipes stay open and are read.
  exit 0 unless $door || %pipe;
  my @followers = grep { defined $_->{at} } values %conn;
  $contact = $now if %conn;
  my $alone = $now - $contact > $grace;
  $stop->('abort') if $alone && !$keep && !$over;
  if (@followers) {
    my ($least) = sort { $a <=> $b } map { $_->{acked} } @followers;
    my $last = $base + length($log) - $shown;
    $trim->($rows && $least > $last ? $last : $least);
  } elsif ($rows) {
    $trim->($base + length($log) - $alone_shown) if length $log > $alone_shown + $shown;
  } elsif ($alone) {
    $trim->($base + length($log) - $most / 2) if length $log > $most;
  }
  if (defined $inw && (($inend && $in eq '') || !$inopen)) { close $inw; undef $inw }

  my ($r, $w) = ('', '');
  vec($r, fileno($door), 1) = 1 if $door;
  my $room = length $log < $most;
  if ($room || $over) { vec($r, fileno($_), 1) = 1 for values %pipe }
  vec($w, fileno($inw), 1) = 1 if defined $inw && $in ne '';
  for my $c (values %conn) {
    vec($r, fileno($c->{s}), 1) = 1 unless $c->{deaf} || length $in > ($c->{types} ? $shown : $most);
    if ($behind->($c)) { vec($w, fileno($c->{s}), 1) = 1 }
    elsif ($over && defined $c->{at} && !$c->{shut}) {
      shutdown($c->{s}, 1);
      $c->{shut} = 1;
      # All was sent: it is kept for a while, should it not have arrived.
      $gone = $now + 60 if $gone > $now + 60;
    }
  }
  # The signal that it ended may come just before it is waited for: where nothing is read any more, that is what comes next.
  my $wait = $over ? 5 : defined $ended ? 0.03 : !%pipe && $looks++ < 100 ? 0.002 : 0.25;
  if ($deadline && !$over) {
    my $left = $start + $deadline - $now;
    $wait = $left if $left < $wait;
  }
  my $n = $wait > 0 ? select($r, $w, undef, $wait) : 0;
  ($r, $w) = ('', '') if $n <= 0;

  if (!defined $ended && waitpid($pid, 1) == $pid) { ($ended, $after, $heard) = ($?, 0, clock()) }
  $stop->('deadline') if $deadline && !defined $ended && clock() - $start >= $deadline;
  if ($door && on($r, $door) && accept(my $s, $door)) { $conn{fileno $s} = { s => free($s), out => '', in => '', name => '' } }
  for my $type (grep { $pipe{$_} } 'o', 'e') {
    next unless on($r, $pipe{$type});
    my $got = sysread($pipe{$type}, my $bytes, $piece);
    if ($got && !$over) {
      $add->($type, $bytes);
      ($heard, $after) = (clock(), $after + $got) if defined $ended;
    }
    elsif ($got) { next }
    elsif (defined $got || !later()) { delete $pipe{$type} }
  }
  if (defined $inw && on($w, $inw)) {
    my $put = syswrite($inw, $in);
    if ($put) { substr($in, 0, $put) = ''; $fed += $put }
    elsif (!later()) { $inopen = 0; $in = ''; $add->('i', "$fed closed") unless $rows }
  }
  if (!$rows && $fed > $reported && ($in eq '' || $fed - $reported >= 65536) && $room) { $reported = $fed; $add->('i', $fed) }
  for my $c (values %conn) {
    if (on($r, $c->{s})) {
      my $got = sysread($c->{s}, $c->{in}, 65536, length $c->{in});
      if ($got) { records(\$c->{in}, sub { $take->($c, @_) }) }
      elsif (defined $got) { $c->{deaf} = 1; $c->{dead} = 1 unless $behind->($c) }
      elsif (!later()) { $c->{dead} = 1 }
    }
    next unless on($w, $c->{s});
    if ($c->{out} eq '') {
      my $from = $c->{at} < $base ? 0 : $c->{at} - $base;
      $c->{out} = substr($log, $from, 65536);
      $c->{at} = $base + $from + length $c->{out};
    }
    my $put = syswrite($c->{s}, $c->{out});
    if ($put) { substr($c->{out}, 0, $put) = '' }
    elsif (!later()) { $c->{dead} = 1 }
  }
  if (defined $ended && !$over && ($room || !%pipe)) {
    if (!%pipe || clock() - $heard > 0.05 || $after > $most) {
      my $signal = $ended & 127;
      # Ended for us while we were stopped: what it started may be left.
      if (-e 'quit') { $stop->('abort') }
      else { $finish->($signal ? "signaled $signal" : 'exited ' . ($ended >> 8)) }
    }
  }
}
`;
