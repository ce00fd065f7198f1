#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# No source calls what glibc has and musl 1.2.3 has not: such a system call is made by syscall(2).
set -u
cd "$(dirname "$0")/../.." || exit 1
lacking='close_range|renameat2|statx|pidfd_open|pidfd_send_signal|gettid_np|mount_setattr|fsconfig|fsopen|fsmount|move_mount|open_tree|strerrorname_np|strerrordesc_np|sigabbrev_np|fcloseall|canonicalize_file_name'
! grep -rnE "(^|[^A-Za-z0-9_])($lacking)\(" core tui cli --include='*.c'
