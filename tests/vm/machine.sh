# SPDX-License-Identifier: BSD-2-Clause
# Sourced: what differs between the machines that guests are, by $machine, as uname -m prints it.
#
# Both write the kernel's console to their first serial line and the test's output to $line.
case $machine in
x86_64)
	architecture=amd64
	# One thread for both processors: with a thread for each, 6.12 and 7.3 panic now and then, because
	# this emulation lets one processor see what another is just patching or exchanging. It is no slower.
	# Without "fast" string instructions, which it carries out byte by byte: kernels that see them copy with
	# nothing else, which was a quarter of a run's time.
	emulator='qemu-system-x86_64 -M q35 -cpu max,erms=off,fsrm=off,avx=off,la57=off,smap=off,smep=off -accel tcg,thread=single'
	console=ttyS0
	line=ttyS1
	line_device='isa-serial,index=1'
	# A busy host is late with the first interrupts of the timer chip, and the kernel then takes it for broken.
	# The processor's clock is that of this host, and much cheaper to read than any timer of a PC. Its rate is
	# told: measured in a guest, on a busy host, it was wrong by four times.
	clock="no_timer_check${TSC_KHZ:+ tsc=reliable tsc_early_khz=$TSC_KHZ}"
	;;
aarch64)
	architecture=arm64
	# Without what costs an emulator much and no test asks for: signed pointers at each function's start and
	# end, and vectors of 2,048 bits to save at each switch of processes.
	emulator='qemu-system-aarch64 -M virt -cpu max,pauth=off,sve=off,sme=off -accel tcg,thread=single'
	console=ttyAMA0
	line=ttyS0
	clock=
	line_device='pci-serial' # -M virt has one serial line of its own
	;;
*)
	echo "no guests are known for the machine $machine" >&2
	exit 1
	;;
esac
