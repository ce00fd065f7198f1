// SPDX-License-Identifier: BSD-2-Clause
// Signs random messages with keys of its own, by an implementation of FIPS 204 that shares nothing
// with OpenSSL or x0top. usage: node sign.mjs COUNT; writes COUNT records for each parameter set:
// five 32-bit little-endian numbers (the set and four lengths), public key, context, message,
// signature.
import { randomBytes } from 'node:crypto';
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa';

const MESSAGE_MAX = 2048;
const count = Number(process.argv[2]);

for (const [set, algorithm] of [[44, ml_dsa44], [65, ml_dsa65], [87, ml_dsa87]]) {
	for (let i = 0; i < count; i++) {
		const key = algorithm.keygen(new Uint8Array(randomBytes(32)));
		const context = new Uint8Array(randomBytes(i * 255 / count));
		const message = new Uint8Array(randomBytes(Math.floor((count - i - 1) * MESSAGE_MAX / count)));
		const signature = algorithm.sign(key.secretKey, message, context);
		const parts = [key.publicKey, context, message, signature];
		const header = new Uint32Array([set, ...parts.map(part => part.length)]);

		process.stdout.write(new Uint8Array(header.buffer));
		for (const part of parts)
			process.stdout.write(part);
	}
}
