#!/bin/sh
# guest.sh RECIPE OUT: makes `vmlinuz`, `initrd.img` and `rootfs.ext4` in OUT from Debian's packages, as root.
# RECIPE holds the two programs that become init. Runs in an empty scratch folder without blanks in its path.
set -eu
recipe=$1 out=$2
modules='virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_mmio virtio_blk failover
net_failover virtio_net'

echo 'Fetching a kernel ...'
mkdir deb
kernel=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image/ { print $2; exit }')
(cd deb && apt-get download -qq -o APT::Sandbox::User=root "$kernel" busybox-static)
for package in deb/*.deb; do dpkg-deb -x "$package" unpacked; done
cp unpacked/boot/vmlinuz-* "$out/vmlinuz"

echo 'Making an initrd ...'
mkdir -p initrd/bin initrd/mod initrd/dev initrd/newroot
cp unpacked/bin/busybox initrd/bin/ 2>/dev/null || cp unpacked/usr/bin/busybox initrd/bin/
for module in $modules; do
  found=$(find unpacked -name "$module.ko" -o -name "$module.ko.xz")
  case $found in
    *.xz) xz -dc "$found" >"initrd/mod/$module.ko" ;;
    *) cp "$found" "initrd/mod/$module.ko" ;;
  esac
done
# The order is the order of loading: each needs those before it.
echo $modules >initrd/mod/order
install -m755 "$recipe/initrd-init.sh" initrd/init
(cd initrd && find . | cpio --quiet -o -H newc | gzip -1 >"$out/initrd.img")

echo 'Making a root file system ...'
debootstrap --variant=minbase \
  --include=dropbear-bin,openssh-sftp-server,iproute2,procps,ca-certificates,curl,git,less,python3-minimal,nodejs \
  bookworm root >debootstrap.log 2>&1 || { tail -n 20 debootstrap.log >&2; exit 1; }
install -m755 "$recipe/guest-init.sh" root/init
mkdir -p root/workspace root/etc/dropbear
rm -rf root/var/cache/apt/archives/*.deb root/var/lib/apt/lists/* root/usr/share/doc/* root/usr/share/locale/*
truncate -s 2G "$out/rootfs.ext4"
mkfs.ext4 -q -F -E lazy_itable_init=0 -d root "$out/rootfs.ext4"
