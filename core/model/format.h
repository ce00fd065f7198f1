/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formats numbers for people, alike on the screen and in text: three significant digits and a unit,
 * at most seven columns wide; "-" for an unknown number (NAN). Each function writes into `text`
 * and returns it.
 */
#ifndef X0_MODEL_FORMAT_H
#define X0_MODEL_FORMAT_H

#include <stdint.h>

#include <stdint.h>

enum { FORMAT_LEN = 24 };

/* The total of a counter as a number: NAN if it is COUNT_UNKNOWN. */
double format_total(uint64_t total);

/* A count, in powers of 1000: "0", "999", "1.00K", "12.3K", "456M". */
char *format_count(char text[FORMAT_LEN], double value);

/* A rate, without its "/s": like a count, with a decimal below ten: "0", "0.3", "12", "1.23K". */
char *format_rate(char text[FORMAT_LEN], double value);

/* Bytes, in powers of 1000: "512B", "1.50kB", "12.3MB". */
char *format_bytes(char text[FORMAT_LEN], double bytes);

/* Bits a second from bytes a second: "0bit", "1.20kbit", "84.2Mbit". Without the "/s". */
char *format_bits(char text[FORMAT_LEN], double bytes);

/* A time given in nanoseconds: "0ns", "8.3ns", "850ns", "19.5us", "1.23ms", "12.0s". */
char *format_ns(char text[FORMAT_LEN], double ns);

/* The same for a time given in milliseconds. */
char *format_ms(char text[FORMAT_LEN], double ms);

/* A ratio in percent: "0%", "0.3%", "12%", "100%". */
char *format_percent(char text[FORMAT_LEN], double share);

/* A share of a core given in percent, of two digits: "0%", "0.034%", "1.2%", "12%", "123%". */
char *format_core(char text[FORMAT_LEN], double percent);

/* A load average, "0.52"; "-" if it is not known. */
char *format_load(char text[FORMAT_LEN], double load);

/* A duration given in seconds: "45s", "12m", "3h05m", "12d04h". */
char *format_uptime(char text[FORMAT_LEN], double seconds);

/* A sequence: whole up to nine digits, of a longer one, which counts time, the last nine: "..123456789". */
char *format_sequence(char text[FORMAT_LEN], uint64_t sequence);

/* The local time of day of `time`, seconds since 1970: "14:03:59". */
char *format_clock(char text[FORMAT_LEN], double time);

/* The same with the date, nineteen columns: "2026-11-27 14:03:59". */
char *format_date(char text[FORMAT_LEN], double time);

#endif
