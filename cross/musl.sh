#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# musl.sh FOLDER: builds the libraries of x0top, and cmocka, statically against musl into FOLDER, from
# Debian's source packages: Debian has no musl builds of them. The compiler is musl-tools' musl-gcc.
# Sources that are in FOLDER/source already are not fetched. Nothing is installed.
set -eu

. "$(dirname "$0")/../archive.sh"
mkdir -p "$1"
folder=$(cd "$1" && pwd)
source=$folder/source
log=$folder/build.log
target=$(uname -m)-linux-musl
flags="-O2 -fPIC -I$folder/include"
unset MAKEFLAGS MAKEOVERRIDES

fail()
{
	echo "musl: $*; see $log" >&2
	exit 1
}

for tool in musl-gcc cmake gperf dpkg-source; do
	command -v $tool >/dev/null || fail "$tool is missing: make deps LIBC=musl"
done
mkdir -p "$source" "$folder/include" "$folder/lib/pkgconfig"

# --- the sources: of this machine's release, or else of the next

archive_fill()
{
	code=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	archive_open "$folder/apt" "$(dpkg --print-architecture)"
	archive_add deb-src "$code"
	archive_add deb-src trixie || true
}

# Whether the sources of a package are there, or come.
fetched()
{
	archive=$folder/apt
	cd "$source"
	[ -z "$(find . -maxdepth 1 -type d -name "$1*")" ] || return 0
	for version in $(archive_apt apt-cache showsrc --only-source "$1" | sed -n 's/^Version: //p'); do
		! archive_apt apt-get source "$1=$version" >>"$log" 2>&1 || return 0
	done
	return 1
}

enter()
{
	fetched "$1" || fail "the sources of $1 cannot be fetched"
	cd "$source/$1"*/
}

# --- how each is built

# The kernel's headers are the same with any C library.
headers()
{
	ln -sfn /usr/include/linux /usr/include/asm-generic "$folder/include/"
	ln -sfn "/usr/include/$(uname -m)-linux-gnu/asm" "$folder/include/asm"
}

by_configure() # PACKAGE OPTIONS...
{
	enter "$1"
	shift
	CC=musl-gcc CFLAGS=$flags LDFLAGS="-L$folder/lib" ./configure --prefix="$folder" --host="$target" \
		--enable-static --disable-shared "$@"
	make -s -j"$(nproc)"
	make -s install
}

by_cmake() # PACKAGE OPTIONS...
{
	enter "$1"
	shift
	cmake -S . -B built -DCMAKE_C_COMPILER=musl-gcc -DCMAKE_C_FLAGS="$flags" -DCMAKE_BUILD_TYPE=Release \
		-DCMAKE_INSTALL_PREFIX="$folder" -DCMAKE_INSTALL_LIBDIR=lib -DBUILD_SHARED_LIBS=OFF "$@"
	make -s -C built -j"$(nproc)" install
}

zlib()
{
	enter zlib
	CC=musl-gcc CFLAGS=$flags ./configure --static --prefix="$folder"
	make -s install
}

# libelf alone uses none of the functions of glibc that configure asks for.
elfutils()
{
	enter elfutils
	CC=musl-gcc CFLAGS=$flags LDFLAGS="-L$folder/lib" ac_cv_search_argp_parse='none required' \
		ac_cv_search_fts_close='none required' ac_cv_search__obstack_free='none required' \
		./configure --disable-debuginfod --disable-libdebuginfod --disable-symbol-versioning \
		--disable-nls --without-bzlib --without-lzma --without-zstd --prefix="$folder"
	make -s -C libelf libelf.a
	cp libelf/libelf.a "$folder/lib/"
	cp libelf/libelf.h libelf/gelf.h libelf/nlist.h "$folder/include/"
}

libbpf()
{
	enter libbpf
	make -s -C src BUILD_STATIC_ONLY=1 CC=musl-gcc CFLAGS="$flags" NO_PKG_CONFIG=1 PREFIX="$folder" \
		LIBDIR="$folder/lib" OBJDIR="$PWD/built" install
}

# Mirrors have been seen without its sources. From Debian 13 on, its package has a static library, which asks
# of glibc only what musl has, too, with the same structures, but for one checked function.
libmnl()
{
	mkdir -p "$folder/include/libmnl"
	if fetched libmnl; then
		cd "$source/libmnl"*/
		echo "#define HAVE_VISIBILITY_HIDDEN 1" >config.h
		compile="$flags -I. -Iinclude"
		headers=include
		set -- src/socket.c src/callback.c src/nlmsg.c src/attr.c
	else
		archive_add deb trixie
		rm -rf "$source/packaged"
		mkdir "$source/packaged"
		cd "$source/packaged"
		archive_apt apt-get download libmnl-dev
		dpkg-deb --extract libmnl-dev_*.deb .
		(cd "usr/lib/$(uname -m)-linux-gnu" && ar x libmnl.a && mv ./*.o "$OLDPWD/")
		cat >checked.c <<-END
			#include <stdarg.h>
			#include <stdio.h>
			int __fprintf_chk(FILE *file, int flag, const char *format, ...)
			{
				va_list list;
				(void)flag;
				va_start(list, format);
				int n = vfprintf(file, format, list);
				va_end(list);
				return n;
			}
		END
		compile=$flags
		headers=usr/include
		set -- checked.c
	fi
	for file; do
		musl-gcc $compile -c "$file" -o "${file%.c}.o"
	done
	rm -f "$folder/lib/libmnl.a"
	find . -name '*.o' -exec ar rcs "$folder/lib/libmnl.a" {} +
	cp "$headers/libmnl/libmnl.h" "$folder/include/libmnl/"
}

ncurses()
{
	by_configure ncurses --build="$(cc -dumpmachine)" --with-build-cc=cc --without-cxx --without-cxx-binding \
		--without-ada --without-manpages --without-progs --without-tests --without-debug --enable-widec \
		--enable-pc-files --with-pkg-config-libdir="$folder/lib/pkgconfig" --disable-db-install \
		--with-fallbacks=linux,xterm,xterm-256color,screen,screen-256color,tmux-256color,vt100,ansi \
		--with-default-terminfo-dir=/usr/share/terminfo \
		--with-terminfo-dirs=/etc/terminfo:/lib/terminfo:/usr/share/terminfo
}

cmocka()
{
	by_cmake cmocka -DWITH_EXAMPLES=OFF -DWITH_STATIC_LIB=ON
	rm -f "$folder"/lib/libcmocka.so*
	cp "$folder/lib/libcmocka-static.a" "$folder/lib/libcmocka.a"
}

libcap_ng()
{
	by_configure libcap-ng --without-python --without-python3
}

# The shell ignores -e in a function whose result is asked for; in a process it does not.
if [ $# -gt 1 ]; then
	shift
	"$@"
	exit
fi

build()
{
	sh "$0" "$folder" "$@" >>"$log" 2>&1 || fail "cannot build $*: $(tail -n 1 "$log")"
}

rm -f "$log"
build archive_fill
build headers
build zlib
build elfutils
build libbpf
build libmnl
build ncurses
build by_cmake jansson -DJANSSON_BUILD_DOCS=OFF -DJANSSON_WITHOUT_TESTS=ON -DJANSSON_EXAMPLES=OFF
build by_cmake libyaml -DBUILD_TESTING=OFF
build libcap_ng
build by_configure libseccomp
build cmocka
# What these three have no file of their own for.
for name in libelf libmnl yaml-0.1 zlib; do
	library=${name#lib}
	printf 'Name: %s\nDescription: %s\nVersion: 1\nLibs: -L%s -l%s\nCflags: -I%s\n' "$name" "$name" "$folder/lib" \
		"$(echo "$library" | sed 's/yaml-0.1/yaml/; s/zlib/z/')" "$folder/include" >"$folder/lib/pkgconfig/$name.pc"
done
rm -rf "$folder/apt"
