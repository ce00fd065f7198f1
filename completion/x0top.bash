# SPDX-License-Identifier: BSD-2-Clause
# bash completion for x0top. tests/unit/test_documents.sh holds it against `x0top --help`.

# Completes the last word of a list separated by commas.
_x0top_list()
{
	local word=$1 words=$2 before=
	case $word in
	*,*) before=${word%,*}, ;;
	esac
	compopt -o nospace 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -P "$before" -W "$words" -- "${word##*,}")
}

_x0top_words()
{
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_x0top_interfaces()
{
	local interface words=
	for interface in /sys/class/net/*; do
		[ -L "$interface" ] && words+=" ${interface##*/}"
	done
	_x0top_words "$words" "$1"
}

# The words that can follow an object in an action: the program itself lists them.
_x0top_verbs()
{
	"${COMP_WORDS[0]}" help verbs 2>/dev/null | awk -v object="$1" '$1 == object { print $2 }'
}

_x0top_files()
{
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen "$1" -- "$2")
}

_x0top_rules()
{
	local i words=()
	if [ "$2" = --config ]; then
		_x0top_files -f "$1"
		return
	fi
	[ "$2" = --confirm-within ] && return
	for ((i = 2; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--config | --confirm-within) i=$((i + 1)) ;;
		-*) ;;
		*) words+=("${COMP_WORDS[i]}") ;;
		esac
	done
	if [ ${#words[@]} -eq 0 ]; then
		_x0top_words "list save check $(_x0top_verbs rule) --json --yes --confirm-within --config --help" "$1"
		return
	fi
	case ${words[0]} in
	check) _x0top_packet "$1" "$2" ;;
	load | save) [ ${#words[@]} -eq 1 ] && _x0top_files -f "$1" ;;
	policy) [ ${#words[@]} -eq 1 ] && _x0top_words 'pass drop' "$1" ;;
	only-neighbours) [ ${#words[@]} -eq 1 ] && _x0top_words 'on off' "$1" ;;
	delete | on | off) [ ${#words[@]} -eq 1 ] && _x0top_numbers "$1" ;;
	move) [ ${#words[@]} -le 2 ] && _x0top_numbers "$1" ;;
	add) _x0top_rule "$1" "$2" "${words[@]:1}" ;;
	insert | change)
		if [ ${#words[@]} -eq 1 ]; then
			_x0top_numbers "$1"
		else
			_x0top_rule "$1" "$2" "${words[@]:2}"
		fi
		;;
	esac
}

# The numbers of the rules in force, and the names of the sets: where x0top may look.
_x0top_numbers()
{
	_x0top_words "$("${COMP_WORDS[0]}" rules list 2>/dev/null | awk '$1 ~ /^[0-9]+$/ { print $1 }')" "$1"
}

_x0top_names()
{
	_x0top_words "$("${COMP_WORDS[0]}" sets list 2>/dev/null | awk 'NR > 1 { print $1 }')" "$1"
}

# What may follow the words of a rule: its action, then conditions and notes.
_x0top_rule()
{
	local word=$1 before=$2
	shift 2
	case $#,$before in
	0,*) _x0top_words 'off pass drop limit count' "$word" ;;
	1,off) _x0top_words 'pass drop limit count' "$word" ;;
	*,in) _x0top_interfaces "$word" ;;
	*,origin) _x0top_words 'operator file feed mapek' "$word" ;;
	*,from | *,to | *,mac | *,tcp | *,udp | *,proto | *,port | *,sport | *,ethertype | *,vlan | *,limit | *,for | \
		*,until | *,comment) ;;
	*)
		_x0top_words 'from to mac tcp udp proto port sport ethertype vlan in unreadable arp nd dhcp all
			burst for until origin comment' "$word"
		;;
	esac
}

# What may follow the words of a packet.
_x0top_packet()
{
	case $2 in
	pcap) _x0top_files -f "$1" ;;
	in) _x0top_interfaces "$1" ;;
	from | to | mac | tcp | udp | proto | port | sport | ethertype | vlan) ;;
	*) _x0top_words 'from to mac tcp udp proto port sport ethertype vlan in pcap' "$1" ;;
	esac
}

_x0top_sets()
{
	local i words=()
	case $2 in
	--config)
		_x0top_files -f "$1"
		return
		;;
	--kind)
		_x0top_words 'prefixes macs ports nodes' "$1"
		return
		;;
	--confirm-within) return ;;
	esac
	for ((i = 2; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--config | --kind | --confirm-within) i=$((i + 1)) ;;
		-*) ;;
		*) words+=("${COMP_WORDS[i]}") ;;
		esac
	done
	case ${#words[@]},${words[0]} in
	0,*) _x0top_words "list show test $(_x0top_verbs set) --kind --json --yes --confirm-within --config --help" "$1" ;;
	1,show | 1,test | 1,load | 1,add | 1,remove | 1,delete | 1,feed | 1,follow) _x0top_names "$1" ;;
	2,load) _x0top_files -f "$1" ;;
	2,feed) _x0top_list "$1" 'kernel batman-adv babel wireguard signed file routes all' ;;
	3,load | 3,feed) _x0top_words 'prefixes macs ports nodes' "$1" ;;
	esac
}

_x0top_qos()
{
	case $2 in
	--config | load | save) _x0top_files -f "$1" ;;
	preset) _x0top_words 'uplink mesh-first bulk-last' "$1" ;;
	on | off | mark | police | rate | uplink | mesh-first | bulk-last) _x0top_interfaces "$1" ;;
	*bit/s) [ "${COMP_WORDS[2]}" = rate ] && _x0top_words share "$1" ;;
	qos | -*) _x0top_words "list save $(_x0top_verbs qos) --yes --json --confirm-within --config --help" "$1" ;;
	esac
}

_x0top_keys()
{
	local word=$1 before=$2 options=
	if [ "$COMP_CWORD" -eq 2 ]; then
		_x0top_words 'list add remove generate verify --help' "$word"
		return
	fi
	case ${COMP_WORDS[2]} in
	list) options='--json --trust --verbose' ;;
	add | remove) options='--trust --verbose' ;;
	generate) options='--set --directory --verbose' ;;
	verify) options='--key --signature --context --native --verbose' ;;
	esac
	case $before in
	--set) _x0top_words '44 65 87' "$word" ;;
	--trust | --directory) _x0top_files -d "$word" ;;
	--context) ;;
	*)
		case $word in
		-*) _x0top_words "$options" "$word" ;;
		*) _x0top_files -f "$word" ;;
		esac
		;;
	esac
}

_x0top_peer()
{
	case $2 in
	--identity) _x0top_files -f "$1" ;;
	--trust) _x0top_files -d "$1" ;;
	--listen | --port | --to | --translated | --prefix | --beacon | --data | --rekey | --rekey-packets) ;;
	*)
		_x0top_words '--identity --trust --listen --port --to --translated --prefix --beacon --data
			--rekey --rekey-packets --once --verbose --help' "$1"
		;;
	esac
}

_x0top_fleet()
{
	case $2 in
	--token-file | --password-file | --ca-file) _x0top_files -f "$1" ;;
	--prometheus | --job | --window | --user | -d | --delay) ;;
	*)
		_x0top_words '--prometheus --job --window -d --delay --once --json --token-file --user
			--password-file --ca-file -h --help' "$1"
		;;
	esac
}

_x0top_mapek()
{
	case $2 in
	--policy | --replay | --knowledge | --config) _x0top_files -f "$1" ;;
	*) _x0top_words 'policies check try history explain export never again spared back forget --policy --replay
		--knowledge --config -y --yes -h --help' "$1" ;;
	esac
}

# The names of the plugins that a line names, and of those of the folder.
_x0top_plugins()
{
	local i file
	for ((i = 1; i < COMP_CWORD; i++)); do
		[ "${COMP_WORDS[i - 1]}" = --plugin ] && file=${COMP_WORDS[i]##*/} && echo "${file%%.*}"
	done
	for file in /etc/x0top/plugins/*.bpf.o; do
		[ -e "$file" ] && file=${file##*/} && echo "${file%.bpf.o}"
	done
}

_x0top()
{
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local subcommands='lab serve fleet mapek rules sets qos classes keys programs plugins bench probe peer help'
	local options='--once --json --metrics -i --interface -d --delay --only --xdp-mode --syscalls
		--syscalls-attach --enforce --pqc-mode --pqc-port --neighbours --trust -y --yes --readonly --small
		--config --objects --record --record-limit --replay --listen --web-config --mapek --mapek-policy --mapek-knowledge --plugin --plugin-place --lab --attack -v --verbose -h --help -V
		--version'
	local programs='xdp_counter xdp_mesh_filter xdp_pqc_verify tracepoint_net tc_classifier
		kprobe_syscall_latency kprobe_syscall_latency_secure'
	local syscalls='accept accept4 bind clone close connect dup epoll_pwait epoll_pwait2 epoll_wait execve
		fallocate fdatasync fsync futex getdents64 io_uring_enter ioctl mmap mprotect munmap
		nanosleep newfstatat openat poll ppoll pread64 preadv pselect6 pwrite64 pwritev read
		readv recvfrom recvmmsg recvmsg renameat2 select sendfile sendmmsg sendmsg sendto
		socket splice statx unlinkat wait4 write writev'

	COMPREPLY=()
	if [ "$COMP_CWORD" -gt 1 ]; then
		case ${COMP_WORDS[1]} in
		help)
			[ "$COMP_CWORD" -eq 2 ] && _x0top_words "$subcommands" "$word"
			return
			;;
		rules)
			_x0top_rules "$word" "$before"
			return
			;;
		sets)
			_x0top_sets "$word" "$before"
			return
			;;
		qos)
			_x0top_qos "$word" "$before"
			return
			;;
		keys)
			_x0top_keys "$word" "$before"
			return
			;;
		bench)
			case $word in
			-*) _x0top_words '--json --verbose' "$word" ;;
			*) [ "$COMP_CWORD" -eq 2 ] && _x0top_words 'pqc --help' "$word" ;;
			esac
			return
			;;
		classes)
			case $before in
			--config | load | save) _x0top_files -f "$word" ;;
			in | on) _x0top_interfaces "$word" ;;
			classes | -*) _x0top_words "list save check $(_x0top_verbs class) --json --yes --config --help" "$word" ;;
			add | check | [0-9]*) _x0top_words 'dscp tcp udp port sport proto ethertype vlan from to on cgroup ingress egress all' "$word" ;;
			esac
			return
			;;
		probe)
			_x0top_words "--json --verbose --help $programs" "$word"
			return
			;;
		peer)
			_x0top_peer "$word" "$before"
			return
			;;
		mapek)
			_x0top_mapek "$word" "$before"
			return
			;;
		fleet)
			_x0top_fleet "$word" "$before"
			return
			;;
		plugins)
			if [ "$COMP_CWORD" -eq 2 ]; then
				_x0top_words 'list check sign --help' "$word"
			elif [ "$before" = --config ] || [ "$before" = --key ]; then
				_x0top_files -f "$word"
			else
				case ${COMP_WORDS[2]} in
				list) _x0top_words '--config' "$word" ;;
				*)
					_x0top_words '--verbose --key' "$word"
					_x0top_files -f "$word"
					;;
				esac
			fi
			return
			;;
		programs)
			if [ "$COMP_CWORD" -eq 2 ]; then
				_x0top_words 'list down verify replace --help' "$word"
			elif [ "${COMP_WORDS[2]}" = verify ]; then
				case $word in
				-*) _x0top_words '--verbose' "$word" ;;
				*) _x0top_files -f "$word" ;;
				esac
			elif [ "$before" = --config ]; then
				_x0top_files -f "$word"
			elif [ "${COMP_WORDS[2]}" = replace ]; then
				case $word in
				-*) _x0top_words '--yes --canary --verbose --config' "$word" ;;
				*) case " $(echo $programs) " in
					*" $before "*)
						_x0top_words 'built-in' "$word"
						_x0top_files -f "$word"
						;;
					*) _x0top_words "$programs" "$word" ;;
					esac ;;
				esac
			elif [ "${COMP_WORDS[2]}" = down ]; then
				_x0top_words '--config' "$word"
			fi
			return
			;;
		esac
	fi
	# bash makes a word of its own of the "=" in --option=value.
	if [ "$word" = '=' ]; then
		word=
	elif [ "$before" = '=' ]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	case $before in
	-i | --interface) _x0top_interfaces "$word" ;;
	-d | --delay) _x0top_words '0.5 1 2 5 10' "$word" ;;
	--only) _x0top_words "$programs $(_x0top_plugins)" "$word" ;;
	--xdp-mode) _x0top_words 'auto native generic off' "$word" ;;
	--syscalls) _x0top_list "$word" "$syscalls" ;;
	--syscalls-attach) _x0top_words 'auto kprobe tracepoint' "$word" ;;
	--pqc-mode) _x0top_words 'off observe enforce' "$word" ;;
	--attack)
		_x0top_words 'udp-flood udp-flood-many syn-flood syn-flood-many port-scan replay-storm
			slow-drip forged-beacons bad-node flash-crowd all' "$word"
		;;
	--neighbours)
		_x0top_words 'kernel batman-adv babel babel= wireguard signed file= none' "$word"
		;;
	--record-limit) _x0top_words '100M 1G 10G' "$word" ;;
	--listen) _x0top_words '127.0.0.1:26970 [::1]:26970 unix:' "$word" ;;
	--config | --record | --replay | --web-config | --mapek-policy | --mapek-knowledge | --plugin)
		_x0top_files -f "$word"
		;;
	--objects | --trust)
		_x0top_files -d "$word"
		;;
	*)
		case $word in
		-*) _x0top_words "$options" "$word" ;;
		*) [ "$COMP_CWORD" -eq 1 ] && _x0top_words "$subcommands $options" "$word" ;;
		esac
		;;
	esac
}

complete -F _x0top x0top
