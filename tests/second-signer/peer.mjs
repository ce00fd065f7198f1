// SPDX-License-Identifier: BSD-2-Clause
// A peer of another make: written from man/x0top-pqc.7 alone, with another library than x0top's.
// usage: node peer.mjs initiate|respond SET OWN-KEY-OUT PEER-KEY ADDRESS:PORT PEER:PORT SEND RECEIVE SESSIONS
//
// Writes its public key as PEM, waits for a line on its standard input, then exchanges keys with one
// peer. Ends with 0 when there have been SESSIONS sessions with SEND data packets sent and at least
// RECEIVE received; with 1 and a sentence after 30 seconds, or when it gets anything that the manual
// forbids.
import { createSocket } from 'node:dgram';
import { readFileSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa';
import { ml_kem768 } from '@noble/post-quantum/ml-kem';
import { sha3_256 } from '@noble/hashes/sha3';
import { hkdf } from '@noble/hashes/hkdf';

const SETS = {
	44: { dsa: ml_dsa44, oid: 17, key: 1312, signature: 2420 },
	65: { dsa: ml_dsa65, oid: 18, key: 1952, signature: 3309 },
	87: { dsa: ml_dsa87, oid: 19, key: 2592, signature: 4627 },
};
const MAGIC = Buffer.from('X0PQ');
const CONTEXT = new TextEncoder().encode('x0top/2');
const TYPE_DATA = 1, TYPE_FRAGMENT = 2;
const KIND_BEACON = 1, KIND_HELLO = 2, KIND_REPLY = 3;
const HEADER = 32, TAG = 16, SLICE = 1200, DATA_MAX = 1400, BODY_AT = 40;
const WINDOW = 1984n;
const AHEAD_NS = 30_000_000_000n;
const LIMIT_MS = 30_000;

const [role, set, ownFile, peerFile, listen, to, ...counts] = process.argv.slice(2);
const [toSend, toReceive, toMake] = counts.map(Number);

function fail(sentence) {
	console.error(`second peer: ${sentence}`);
	process.exit(1);
}

function expect(holds, sentence) {
	if (!holds)
		fail(sentence);
}

const sha3 = (...parts) => Buffer.from(sha3_256(Buffer.concat(parts)));

function u16(number) {
	const bytes = Buffer.alloc(2);
	bytes.writeUInt16BE(number);
	return bytes;
}

function u64(number) {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64BE(number);
	return bytes;
}

// --- SipHash-2-4, 128 bits: Aumasson and Bernstein, with the reference's 128-bit variant ----------

const M = (1n << 64n) - 1n;
const rotate = (x, bits) => ((x << BigInt(bits)) | (x >> BigInt(64 - bits))) & M;

function round(v) {
	v[0] = (v[0] + v[1]) & M; v[1] = rotate(v[1], 13) ^ v[0]; v[0] = rotate(v[0], 32);
	v[2] = (v[2] + v[3]) & M; v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = (v[0] + v[3]) & M; v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = (v[2] + v[1]) & M; v[1] = rotate(v[1], 17) ^ v[2]; v[2] = rotate(v[2], 32);
}

function siphash128(key, bytes) {
	const k0 = key.readBigUInt64LE(0), k1 = key.readBigUInt64LE(8);
	const v = [k0 ^ 0x736f6d6570736575n, k1 ^ 0x646f72616e646f6dn ^ 0xeen,
		k0 ^ 0x6c7967656e657261n, k1 ^ 0x7465646279746573n];
	const last = Buffer.alloc(8), whole = bytes.length - bytes.length % 8;

	bytes.copy(last, 0, whole);
	last[7] = bytes.length & 0xff;
	for (let at = 0; at <= whole; at += 8) {
		const word = at < whole ? bytes.readBigUInt64LE(at) : last.readBigUInt64LE(0);
		v[3] ^= word; round(v); round(v); v[0] ^= word;
	}
	const out = Buffer.alloc(16);
	v[2] ^= 0xeen;
	for (let i = 0; i < 4; i++) round(v);
	out.writeBigUInt64LE(v[0] ^ v[1] ^ v[2] ^ v[3], 0);
	v[1] ^= 0xddn;
	for (let i = 0; i < 4; i++) round(v);
	out.writeBigUInt64LE(v[0] ^ v[1] ^ v[2] ^ v[3], 8);
	return out;
}

// --- addresses and keys ------------------------------------------------------------------------

// IPv4, or IPv6 as node prints it.
function address16(text) {
	if (!text.includes(':'))
		return Buffer.concat([Buffer.alloc(10), Buffer.from([255, 255]),
			Buffer.from(text.split('.').map(Number))]);
	const [left, right] = text.split('::').map(half => half ? half.split(':') : []);
	const groups = right === undefined
		? left : [...left, ...Array(8 - left.length - right.length).fill('0'), ...right];
	return Buffer.concat(groups.map(group => u16(parseInt(group, 16))));
}

function endpoint(text) {
	const at = text.lastIndexOf(':');
	return { address: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) };
}

// SubjectPublicKeyInfo of RFC 9881: the algorithm alone, then the raw key as a bit string.
function der(tag, ...parts) {
	const content = Buffer.concat(parts);
	const length = content.length < 128 ? Buffer.from([content.length])
		: Buffer.concat([Buffer.from([0x82]), u16(content.length)]);
	return Buffer.concat([Buffer.from([tag]), length, content]);
}

function keyToPem(raw, oid) {
	const algorithm = der(0x30, der(6, Buffer.from([0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, oid])));
	const spki = der(0x30, algorithm, der(3, Buffer.from([0]), raw));
	const lines = spki.toString('base64').match(/.{1,64}/g).join('\n');
	return `-----BEGIN PUBLIC KEY-----\n${lines}\n-----END PUBLIC KEY-----\n`;
}

function keyFromPem(pem) {
	const spki = Buffer.from(pem.replace(/-----[^-]*-----/g, ''), 'base64');
	for (const [number, { key, oid, dsa, signature }] of Object.entries(SETS)) {
		const raw = spki.subarray(spki.length - key);
		if (spki.length > key && keyToPem(raw, oid).replace(/\s/g, '') === pem.replace(/\s/g, ''))
			return { set: Number(number), raw, dsa, signature };
	}
	return fail('the key of the peer is of no known set');
}

// --- state -------------------------------------------------------------------------------------

const own = { ...SETS[set], set: Number(set), ...SETS[set].dsa.keygen(new Uint8Array(randomBytes(32))) };
own.raw = Buffer.from(own.publicKey);
own.fingerprint = sha3(own.raw);
own.at = endpoint(listen);
writeFileSync(ownFile, keyToPem(own.raw, own.oid));

const peer = keyFromPem(readFileSync(peerFile, 'latin1'));
peer.fingerprint = sha3(peer.raw);
peer.at = endpoint(to);

const node = party => party.fingerprint.subarray(0, 8);
const socket = createSocket(own.at.address.includes(':') ? 'udp6' : 'udp4');
const sessions = []; // {id, sendKey, receiveKey, sent, received, highest, confirmed}
const places = new Map(); // by sequence: fragments of a message
const count = { beacons: 0, refused: 0 };
let lastSent = 0n, lastGood = 0n, hello = null;

const clock = () => BigInt(Date.now()) * 1_000_000n;

function nextSequence() {
	const now = clock();
	lastSent = lastSent + 1n > now && lastSent - now <= AHEAD_NS ? lastSent + 1n : now;
	return lastSent;
}

function header(type, sequence, rest) {
	return Buffer.concat([MAGIC, Buffer.from([2, type, 0, 0]), node(own), u64(sequence), rest]);
}

function send(bytes) {
	socket.send(bytes, peer.at.port, peer.at.address);
}

// --- messages ----------------------------------------------------------------------------------

function makeMessage(kind, sequence, body) {
	const now = BigInt(Math.floor(Date.now() / 1000));
	const unsigned = Buffer.concat([Buffer.from([kind, own.set]), u16(body.length), u64(now - 30n),
		u64(now + 60n), address16(own.at.address), u16(own.at.port), u16(0), body]);
	const signed = Buffer.concat([node(own), u64(sequence), unsigned]);
	return Buffer.concat([unsigned, Buffer.from(own.dsa.sign(own.secretKey, signed, CONTEXT))]);
}

// Sends the fragments last to first: order does not matter.
function sendMessage(sequence, message) {
	const fragments = Math.ceil(message.length / SLICE);
	for (let i = fragments - 1; i >= 0; i--) {
		const rest = Buffer.concat([Buffer.from([i, fragments]), u16(i * SLICE), u16(message.length), u16(0)]);
		send(Buffer.concat([header(TYPE_FRAGMENT, sequence, rest),
			message.subarray(i * SLICE, (i + 1) * SLICE)]));
	}
}

function sendBeacon() {
	const sequence = nextSequence();
	const prefix = Buffer.concat([Buffer.from([4, 24, 10, 99, 7]), Buffer.alloc(13)]);
	sendMessage(sequence, makeMessage(KIND_BEACON, sequence, prefix));
}

// Collects fragments. Returns the whole message, or null.
function collect(sequence, packet, from) {
	const index = packet[24], fragments = packet[25], total = packet.readUInt16BE(28);
	const slice = packet.subarray(HEADER);

	expect(fragments === Math.ceil(total / SLICE) && fragments <= 5 && index < fragments &&
		packet.readUInt16BE(26) === index * SLICE && packet.readUInt16BE(30) === 0,
		'a fragment contradicts itself');
	expect(slice.length === (index + 1 < fragments ? SLICE : total - index * SLICE),
		'a slice has a wrong length');
	const name = `${sequence} ${total} ${from.address} ${from.port}`;
	const place = places.get(name) ?? Array(fragments).fill(null);
	places.set(name, place);
	place[index] = Buffer.from(slice);
	if (place.includes(null))
		return null;
	places.delete(name);
	return Buffer.concat(place);
}

function checkMessage(sequence, message, from) {
	const length = message.readUInt16BE(2), now = BigInt(Math.floor(Date.now() / 1000));
	const unsigned = message.subarray(0, BODY_AT + length);

	expect(message[1] === peer.set, 'a message is of another parameter set than its key');
	expect(length <= 1328 && message.length === BODY_AT + length + peer.signature,
		'a message has a wrong length');
	expect(message.readBigUInt64BE(4) <= now && now < message.readBigUInt64BE(12), 'a message is not valid now');
	expect(message.subarray(20, 36).equals(address16(from.address)) &&
		message.readUInt16BE(36) === from.port && message.readUInt16BE(38) === 0,
		'a message names another address than it comes from');
	const signed = Buffer.concat([node(peer), u64(sequence), unsigned]);
	expect(peer.dsa.verify(peer.raw, signed, message.subarray(BODY_AT + length), CONTEXT), 'a signature is bad');
	lastGood = sequence;
	return unsigned.subarray(BODY_AT);
}

function checkBeacon(body) {
	expect(body.length % 18 === 0 && body.length <= 64 * 18, 'a beacon has a wrong length');
	for (let at = 0; at < body.length; at += 18)
		expect((body[at] === 4 && body[at + 1] <= 32) || (body[at] === 6 && body[at + 1] <= 128),
			'a beacon has a prefix that is none');
	count.beacons++;
}

// --- key exchange ------------------------------------------------------------------------------

function helloHash(initiator, responder, sequence, message) {
	return sha3(initiator.fingerprint, responder.fingerprint, u64(sequence), message);
}

function addSession(secret, hash, sequence, reply, initiated) {
	const transcript = sha3(hash, u64(sequence), reply);
	const output = Buffer.from(hkdf(sha3_256, secret, transcript, new TextEncoder().encode('x0top/2 session'), 36));
	const ofInitiator = output.subarray(0, 16), ofResponder = output.subarray(16, 32);

	sessions.push({
		id: output.readUInt32BE(32), sent: 0, received: 0, seen: new Set(), highest: 0n,
		sendKey: initiated ? ofInitiator : ofResponder,
		receiveKey: initiated ? ofResponder : ofInitiator,
		confirmed: initiated, // the responder sends when a first packet has arrived
	});
	console.log(`second peer: session ${sessions.at(-1).id.toString(16)} as ${initiated ? 'initiator' : 'responder'}`);
}

function sendHello() {
	const sequence = nextSequence();
	const keys = ml_kem768.keygen(new Uint8Array(randomBytes(64)));
	const message = makeMessage(KIND_HELLO, sequence, Buffer.concat([node(peer), Buffer.from(keys.publicKey)]));

	hello = { keys, hash: helloHash(own, peer, sequence, message) };
	sendMessage(sequence, message);
}

function answerHello(sequence, message, body) {
	expect(body.length === 8 + 1184 && body.subarray(0, 8).equals(node(own)), 'a hello is not for this node');
	if (role === 'initiate')
		return; // it begins itself
	const hash = helloHash(peer, own, sequence, message);
	const { cipherText, sharedSecret } = ml_kem768.encapsulate(body.subarray(8));
	const replySequence = nextSequence();
	const reply = makeMessage(KIND_REPLY, replySequence, Buffer.concat([node(peer), hash, Buffer.from(cipherText)]));

	addSession(sharedSecret, hash, replySequence, reply, false);
	sendMessage(replySequence, reply);
}

function takeReply(sequence, message, body) {
	expect(body.length === 8 + 32 + 1088 && body.subarray(0, 8).equals(node(own)), 'a reply is not for this node');
	if (hello === null || !body.subarray(8, 40).equals(hello.hash))
		return;
	addSession(ml_kem768.decapsulate(body.subarray(40), hello.keys.secretKey), hello.hash, sequence, message, true);
	hello = null;
	sendData(sessions.at(-1), Buffer.alloc(0)); // the confirmation
}

// --- data --------------------------------------------------------------------------------------

function pseudoHeader(source, destination) {
	return Buffer.concat([address16(source.address), address16(destination.address),
		u16(source.port), u16(destination.port), Buffer.alloc(4)]);
}

function sendData(session, payload) {
	const rest = Buffer.alloc(8);
	rest.writeUInt32BE(session.id, 0);
	rest.writeUInt16BE(payload.length, 4);
	const packet = Buffer.concat([header(TYPE_DATA, BigInt(++session.sent), rest), payload]);
	const tag = siphash128(session.sendKey, Buffer.concat([pseudoHeader(own.at, peer.at), packet]));
	send(Buffer.concat([packet, tag]));
}

function takeData(packet, from) {
	const session = sessions.find(s => s.id === packet.readUInt32BE(24));
	const length = packet.readUInt16BE(28), sequence = packet.readBigUInt64BE(16);

	expect(length <= DATA_MAX && packet.readUInt16BE(30) === 0 && packet.length === HEADER + length + TAG,
		'data has a wrong length');
	if (session === undefined)
		return; // of one that was before this process
	const covered = packet.subarray(0, HEADER + length);
	const tag = siphash128(session.receiveKey, Buffer.concat([pseudoHeader(from, own.at), covered]));
	expect(tag.equals(packet.subarray(HEADER + length)), 'a tag is bad');
	expect(sequence > 0n && !session.seen.has(sequence) && sequence + WINDOW > session.highest, 'data is replayed');
	if (session.received === 0)
		expect(sequence === 1n, 'the first sequence of a session is not 1');
	session.seen.add(sequence);
	session.highest = sequence > session.highest ? sequence : session.highest;
	session.received++;
	session.confirmed = true;
}

// --- life --------------------------------------------------------------------------------------

function takeMessage(sequence, packet, from) {
	if (sequence <= lastGood)
		return;
	expect(sequence <= clock() + AHEAD_NS, 'a sequence is from the future');
	const message = collect(sequence, packet, from);
	if (message === null)
		return;
	const body = checkMessage(sequence, message, from);
	const kinds = { [KIND_BEACON]: () => checkBeacon(body), [KIND_HELLO]: () => answerHello(sequence, message, body),
		[KIND_REPLY]: () => takeReply(sequence, message, body) };
	expect(message[0] in kinds, 'a message is of no known kind');
	kinds[message[0]]();
}

function take(packet, from) {
	expect(packet.length >= HEADER && packet.subarray(0, 4).equals(MAGIC) && packet[4] === 2 && packet[7] === 0,
		'a header is bad');
	expect(packet.subarray(8, 16).equals(node(peer)), 'a packet is of another node');
	expect(packet[6] === 0, 'a packet has flags');
	if (packet[5] === TYPE_DATA)
		takeData(packet, from);
	else if (packet[5] === TYPE_FRAGMENT)
		takeMessage(packet.readBigUInt64BE(16), packet, from);
	else
		fail('a packet is of no known type');
}

function isDone(session) {
	return session.received >= toReceive && session.sent >= toSend;
}

function tick() {
	const newest = sessions.at(-1);

	if (newest?.confirmed)
		for (let i = 0; i < 20 && newest.sent < toSend; i++)
			sendData(newest, Buffer.from(randomBytes((newest.sent * 37) % (DATA_MAX + 1))));
	if (sessions.filter(isDone).length >= toMake && count.beacons > 0) {
		console.log(`second peer: ${sessions.length} sessions, ${count.beacons} beacons, data received ` +
			sessions.map(session => session.received).join(' '));
		setTimeout(() => process.exit(0), 500); // the last packets are on their way
		clearInterval(timer);
		return;
	}
	if (Date.now() - began > LIMIT_MS)
		fail(`not done: ${sessions.length} sessions, ${count.beacons} beacons, data received ` +
			sessions.map(session => `${session.received} sent ${session.sent}`).join(', '));
}

// As initiator, one session after the other: the next when the one before is done.
function exchange() {
	if (role === 'initiate' && sessions.filter(isDone).length === sessions.length)
		sendHello();
	else
		sendBeacon();
}

let began, timer;
socket.on('message', take);
process.stdin.once('data', () => {
	process.stdin.pause();
	began = Date.now();
	socket.bind(own.at.port, own.at.address, () => {
		exchange();
		setInterval(exchange, 1100);
		timer = setInterval(tick, 20);
	});
});
