/**
 * Perl for single requests: each mode is one command line, its input on standard input in base64, and answers in lines.
 * `@N` names the log's offset of what follows (`@=` for an end alone), then base64 lines, an empty one now and then,
 * and last a word: `.end` all was sent, `.more` the window is full, `.idle` the time is over, `.dup`, `.none`, `.lost`.
 */
export const followPart = String.raw`
sub enc {
  my $d = shift;
  return MIME::Base64::encode_base64($d, '') if length $d > 4096 && has_mime();
  my $u = pack('u', $d);
  $u =~ s/^.//mg;
  $u =~ s/\n//g;
  $u =~ tr{\x60 -_}{AA-Za-z0-9+/};
  my $pad = (3 - length($d) % 3) % 3;
  substr($u, -$pad) = '=' x $pad if $pad;
  return $u;
}
sub job_socket {
  my ($op) = @_;
  unix_socket(my $s) or return undef;
  chdir($jobs) && connect($s, unix_path("$op/s")) or return undef;
  # A command may have stopped its holder, which is its parent.
  kill 'CONT', holder($s);
  return $s;
}
# The process that listens at the other end, by SO_PEERCRED.
sub holder { my ($pid) = unpack('i', getsockopt($_[0], 1, 17)); return $pid || () }

sub summary {
  my ($op) = @_;
  my $end = slurp("$jobs/$op/end");
  return say_line(-e "$jobs/$op" ? '.lost' : '.none') unless defined $end;
  say_line('@=');
  say_line(enc(record('x', $end)));
  say_line('.end');
}

# WINDOW bytes at most; SECONDS in all; with QUIET (in hundredths) an answer ends once it was quiet for so long, or ten times
# as long after its first bytes.
sub follow {
  my ($op, $name, $from, @how) = @_;
  my $s = job_socket($op) or return summary($op);
  syswrite($s, record('F', "$name $from"));
  follow_on($s, @how) or summary($op);
}
# False where nothing came from there at all.
sub follow_on {
  my ($s, $window, $seconds, $quiet) = @_;
  my ($head, $sent, $until, $beat, $begun) = ('', 0, time + $seconds, time + 15);
  while (1) {
    return say_line('.idle') if $sent && (time >= $until || $quiet && clock() - $begun >= $quiet / 10);
    my $r = '';
    vec($r, fileno($s), 1) = 1;
    my $left = $until - time;
    my $wait = $quiet && $sent ? $quiet / 100 : $left < 5 ? $left : 5;
    my $n = $wait > 0 ? select($r, undef, undef, $wait) : 0;
    if ($n <= 0) {
      return say_line('.idle') if time >= $until || ($quiet && $sent);
      if (time >= $beat) { say_line(''); $beat = time + 15 }
      next;
    }
    my $most = $window - $sent < $piece ? $window - $sent : $piece;
    my $got = sysread($s, my $bytes, length $head < 8 ? 8 - length $head : $most);
    return length $head == 8 && say_line('.end') unless $got;
    if (length $head < 8) {
      $head .= $bytes;
      if (length $head == 8) {
        my ($high, $low) = unpack('NN', $head);
        say_line('@' . ($high * 4294967296 + $low));
      }
      next;
    }
    $begun = clock() unless $sent;
    $sent += $got;
    say_line(enc($bytes));
    $beat = time + 15;
    return say_line('.more') if $sent >= $window;
  }
}
`;
