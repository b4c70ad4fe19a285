# A peer in Perl with ZMQ::FFI.
use strict;
use warnings;
use ZMQ::FFI qw(ZMQ_PUSH ZMQ_PULL ZMQ_PUB ZMQ_SUB);

my ($role, $address, $count) = @ARGV;
$| = 1;
my $context = ZMQ::FFI->new();
if ($role eq 'push') {
    my $socket = $context->socket(ZMQ_PUSH);
    $socket->set_linger(-1);
    $socket->connect($address);
    $socket->send("{\"number\":$_}") for 0 .. $count - 1;
    $socket->close();
} elsif ($role eq 'pub') {
    my $socket = $context->socket(ZMQ_PUB);
    $socket->bind($address);
    for (my $number = 0;; $number++) {
        $socket->send_multipart(['books', "{\"number\":$number}"]);
        select(undef, undef, undef, 0.005);
    }
} else {
    my $socket = $context->socket($role eq 'pull' ? ZMQ_PULL : ZMQ_SUB);
    if ($role eq 'pull') {
        $socket->bind($address);
    } else {
        $socket->subscribe('books');
        $socket->connect($address);
    }
    for (1 .. $count) {
        my @frames = $socket->recv_multipart();
        print "$frames[-1]\n";
    }
    $socket->close();
}
