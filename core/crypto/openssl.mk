# SPDX-License-Identifier: BSD-2-Clause
# libcrypto 3.5 or later, for ML-DSA and ML-KEM: the system's, or else one built here, once.

ifeq ($(shell $(PKG_CONFIG) --atleast-version=3.5.0 libcrypto 2>/dev/null && echo new),new)
CRYPTO_CPPFLAGS := $(shell $(PKG_CONFIG) --cflags libcrypto)
CRYPTO_LDLIBS   := $(shell $(PKG_CONFIG) --libs libcrypto)
CRYPTO_LIBRARY  :=
else
CRYPTO_FOLDER   := $(BUILD)/openssl
CRYPTO_CPPFLAGS := -isystem $(CRYPTO_FOLDER)/include
CRYPTO_LIBRARY  := $(CRYPTO_FOLDER)/lib/libcrypto.a
CRYPTO_LDLIBS   := $(CRYPTO_LIBRARY) -ldl -pthread

$(CRYPTO_LIBRARY): core/crypto/build-openssl.sh
	@echo 'This system has no OpenSSL 3.5: building libcrypto from its sources, which takes a minute.'
	$(Q)CC='$(CC) $(X0_SYSROOT) $(X0_INCLUDES)' AR='$(AR)' sh $< $(CRYPTO_FOLDER)
endif
