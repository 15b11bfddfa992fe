#!/bin/sh
# Process 1 of the guest: mounts, network, the key that the kernel's command line names, an SSH server. Never ends.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root SHELL=/bin/bash
trap 'sync; poweroff -f' INT TERM
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev 2>/dev/null
mkdir -p /dev/pts /dev/shm
ln -sfn /proc/self/fd /dev/fd
mount -t devpts devpts /dev/pts
mount -t tmpfs run /run
mount -t tmpfs shm /dev/shm
mount -o remount,rw /

arg() { tr ' ' '\n' </proc/cmdline | sed -n "s/^$1=//p" | head -n1; }
net=$(arg ip)
ip link set lo up
ip addr add "$(echo "$net" | cut -d: -f1)/24" dev eth0
ip link set eth0 up
ip route add default via "$(echo "$net" | cut -d: -f3)"
echo 'nameserver 10.0.2.3' >/etc/resolv.conf
hostname smolvm
echo '127.0.0.1 localhost smolvm' >/etc/hosts

key=$(arg '[a-z]*\.authorized_key_b64')
if [ -n "$key" ]; then
  install -d -m700 /root/.ssh
  echo "$key" | base64 -d >/root/.ssh/authorized_keys
  chmod 600 /root/.ssh/authorized_keys
fi
# Each virtual machine has a key of its own; switched off without warning, it must come back with the same one.
if [ ! -s /etc/dropbear/key.pub ]; then
  dropbearkey -t ed25519 -f /etc/dropbear/key >/dev/null 2>&1
  dropbearkey -y -f /etc/dropbear/key | sed -n 's/^\(ssh-[a-z0-9]* [^ ]*\).*/\1/p' >/etc/dropbear/key.pub
  sync
fi
echo
echo "CELESTO_SSH_HOST_KEY $(cat /etc/dropbear/key.pub)"
dropbear -E -R -s -p 22 -r /etc/dropbear/key
echo "GUEST-UP $(cut -d' ' -f1 /proc/uptime)"
while :; do
  sleep 3600 &
  wait $!
done
