/* SPDX-License-Identifier: BSD-2-Clause */
/* Names the values of the model's enums, alike on the screen, in text, JSON and configuration. */
#ifndef X0_MODEL_NAMES_H
#define X0_MODEL_NAMES_H

#include <stdint.h>

/* Words by the enum's value, ended by NULL. */
extern const char *const severity_names[]; /* enum severity */
extern const char *const program_state_names[]; /* enum program_state: "not built", "off", ... */
extern const char *const program_kind_names[]; /* of snapshot_program.kind */
/* enum xdp_mode, in a word and in full */
extern const char *const xdp_mode_names[];
extern const char *const packet_hook_names[];
extern const char *const link_state_names[]; /* enum link_state */
extern const char *const xdp_verdict_names[]; /* enum xdp_action: "aborted", "drop", "pass", ... */
extern const char *const network_protocol_names[]; /* enum network_protocol */
extern const char *const transport_protocol_names[]; /* enum transport_protocol */
extern const char *const frame_size_names[]; /* enum frame_size: "64", "65-127", ... */
extern const char *const traffic_direction_names[]; /* enum traffic_direction */
extern const char *const mesh_match_names[]; /* enum mesh_rule_match */
extern const char *const mesh_set_kind_names[]; /* enum mesh_set_kind */
extern const char *const mesh_origin_names[]; /* enum mesh_rule_origin */
extern const char *const mesh_action_names[]; /* enum mesh_rule_action */
extern const char *const event_kind_names[]; /* enum event_kind */
extern const char *const pqc_mode_names[]; /* enum pqc_mode */
extern const char *const pqc_result_names[]; /* enum pqc_result */
extern const char *const pqc_set_names[]; /* enum pqc_set: "ML-DSA-44", ... */
extern const char *const neighbour_source_names[]; /* enum neighbour_source_name */
extern const char *const neighbour_state_names[]; /* enum neighbour_source_state */
extern const char *const neighbour_kind_names[]; /* enum neighbour_kind */
extern const char *const neighbour_signature_names[]; /* enum neighbour_signature */
extern const char *const mapek_mode_names[]; /* enum mapek_mode */
extern const char *const mapek_action_state_names[]; /* enum mapek_action_state */

/* Returns the value of `name` in `names`, or -ENOENT. */
int names_find(const char *const *names, const char *name);

#endif
