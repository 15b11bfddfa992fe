#!/bin/sh
# Stands before QEMU in PATH under its name: emulates where the caller asks for KVM, and adds the initrd.
# `erms` and `fsrm` have the guest copy memory by an instruction that is emulated byte by byte.
# `exec` keeps the process id, so that whoever ends this ends QEMU itself.
n=$#
previous=
direct=
while [ "$n" -gt 0 ]; do
  a=$1
  shift
  n=$((n - 1))
  case $previous in
    -machine) a=$(printf %s "$a" | sed 's/accel=kvm/accel=tcg/; s/pic=off/pic=on/; s/pit=off/pit=on/') ;;
    -cpu) a=$(printf %s "$a" | sed 's/^host/max,la57=off,erms=off,fsrm=off/') ;;
  esac
  [ "$a" = -kernel ] && direct=1
  previous=$a
  set -- "$@" "$a"
done
[ -n "$direct" ] && set -- "$@" -initrd "$AIRLOCK_RIG_INITRD"
exec "$AIRLOCK_RIG_QEMU" "$@"
