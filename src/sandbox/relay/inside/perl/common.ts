/**
 * Perl that every part of the program uses: files, base64, sockets, sessions. No module is loaded that a short
 * command does not need, as each costs more time than the command: numbers of the system are those of Linux.
 */
export const commonPart = String.raw`
# As "use strict", without its file.
BEGIN { $^H |= 0x602 }
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
my $setsid;
# Of the program that runs this the first bytes tell the machine (ELF, 64 bits): 62 is x86-64, 183 is aarch64.
sub number_of_setsid {
  my $head = '';
  if (open(my $f, '<', '/proc/self/exe')) { sysread($f, $head, 20) }
  my ($class, $machine) = length $head == 20 ? unpack('x4 C x13 v', $head) : (0, 0);
  return $class != 2 ? 0 : $machine == 62 ? 112 : $machine == 183 ? 157 : 0;
}
sub new_session {
  $setsid = number_of_setsid() unless defined $setsid;
  return syscall($setsid) if $setsid;
  require POSIX;
  return POSIX::setsid();
}
sub on { my ($bits, $f) = @_; return vec($bits, fileno($f), 1) }
sub record { my ($type, $body) = @_; return pack('a N', $type, length $body) . $body }
`;
