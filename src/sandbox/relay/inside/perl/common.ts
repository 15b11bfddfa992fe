/**
 * Perl that every part of the program uses: files, base64, sockets, connecting to a job. No module is loaded that a short
 * command does not need, as each costs more time than the command: numbers of the system are those of Linux.
 */
export const commonPart = String.raw`
use strict;
my ($mode, @args) = @ARGV;
my $root = $0;
$root =~ s{/[^/]*$}{};
my $jobs = "$root/j";
my $piece = 32768;
$SIG{PIPE} = 'IGNORE';
$| = 1;

sub spill {
  my ($path, $text) = @_;
  open(my $f, '>', "$path.new") or return 0;
  print $f $text;
  close($f) && rename("$path.new", $path);
}
sub slurp {
  open(my $f, '<', $_[0]) or return undef;
  local $/;
  my $text = <$f>;
  return defined $text ? $text : '';
}
# Seconds since the boot, which no clock that is set back changes.
sub clock { return slurp('/proc/uptime') =~ /^([\d.]+)/ ? $1 : time }
sub seen { spill("$root/seen", time) }

my $mime;
sub has_mime { return $mime = defined $mime ? $mime : eval { require MIME::Base64; 1 } || 0 }
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
sub dec {
  my $t = shift;
  return MIME::Base64::decode_base64($t) if length $t > 4096 && has_mime();
  $t =~ tr{A-Za-z0-9+/}{}cd;
  $t =~ tr{A-Za-z0-9+/}{ -_};
  my $o = '';
  $o .= unpack('u', chr(32 + int(length($1) * 3 / 4)) . $1) while $t =~ /(.{1,60})/gs;
  return $o;
}
sub free { my ($f) = @_; fcntl($f, 4, fcntl($f, 3, 0) | 2048); return $f }
sub later { return $! == 11 || $! == 4 }
sub unix_socket { return socket($_[0], 1, 1, 0) }
sub unix_path { return pack('S a108', 1, $_[0]) }
# Of the program that runs this the first bytes tell the machine (ELF, 64 bits): 62 is x86-64, 183 is aarch64.
sub new_session {
  my $head = '';
  if (open(my $f, '<', '/proc/self/exe')) { read($f, $head, 20) }
  my ($class, $machine) = length $head == 20 ? unpack('x4 C x13 v', $head) : (0, 0);
  return syscall($machine == 62 ? 112 : 157) if $class == 2 && ($machine == 62 || $machine == 183);
  require POSIX;
  return POSIX::setsid();
}
# Names in a folder. Wherever "glob" is written it loads a module, which costs more time than a short command.
sub names {
  my ($folder, $like) = @_;
  opendir(my $d, $folder) or return;
  return grep { /$like/ } readdir $d;
}
sub on { my ($bits, $f) = @_; return vec($bits, fileno($f), 1) }
sub record { my ($type, $body) = @_; return pack('a N', $type, length $body) . $body }
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
