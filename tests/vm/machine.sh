# SPDX-License-Identifier: BSD-2-Clause
# Sourced: what differs between the machines that guests are, by $machine, as uname -m prints it.
#
# Both write the kernel's console to their first serial line and the test's output to $line.
case $machine in
x86_64)
	architecture=amd64
	# One thread for both processors: with a thread for each, 6.12 and 7.3 panic now and then, because
	# this emulation lets one processor see what another is just patching or exchanging. It is no slower.
	emulator='qemu-system-x86_64 -M q35 -cpu max -accel tcg,thread=single'
	console=ttyS0
	line=ttyS1
	line_device='isa-serial,index=1'
	;;
aarch64)
	architecture=arm64
	# The architecture's algorithm of pointer authentication takes most of the time.
	emulator='qemu-system-aarch64 -M virt -cpu max,pauth-impdef=on -accel tcg,thread=single'
	console=ttyAMA0
	line=ttyS0
	line_device='pci-serial' # -M virt has one serial line of its own
	;;
*)
	echo "no guests are known for the machine $machine" >&2
	exit 1
	;;
esac
