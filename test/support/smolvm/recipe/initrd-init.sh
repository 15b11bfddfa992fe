#!/bin/busybox sh
# Loads what finds the disk, then hands over to the guest's own init.
B=/bin/busybox
$B mount -t devtmpfs dev /dev
for module in $($B cat /mod/order); do $B insmod "/mod/$module.ko"; done
n=0
until [ -b /dev/vda ] || [ $n -ge 100 ]; do
  $B usleep 50000
  n=$((n + 1))
done
$B mount -t ext4 -o rw /dev/vda /newroot
exec $B switch_root /newroot /init
