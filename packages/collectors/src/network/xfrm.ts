import { defineCollector } from "../collector.ts";
import { signedOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { counter } from "../metric.ts";

/** Metrics by the kernel's counter names. */
const metrics = {
  XfrmInError: counter("node_xfrm_in_error_packets_total", "All errors not matched by other"),
  XfrmInBufferError: counter("node_xfrm_in_buffer_error_packets_total", "No buffer is left"),
  XfrmInHdrError: counter("node_xfrm_in_hdr_error_packets_total", "Header error"),
  XfrmInNoStates: counter(
    "node_xfrm_in_no_states_packets_total",
    "No state is found i.e. Either inbound SPI, address, or IPsec protocol at SA is wrong",
  ),
  XfrmInStateProtoError: counter(
    "node_xfrm_in_state_proto_error_packets_total",
    "Transformation protocol specific error e.g. SA key is wrong",
  ),
  XfrmInStateModeError: counter("node_xfrm_in_state_mode_error_packets_total", "Transformation mode specific error"),
  XfrmInStateSeqError: counter(
    "node_xfrm_in_state_seq_error_packets_total",
    "Sequence error i.e. Sequence number is out of window",
  ),
  XfrmInStateExpired: counter("node_xfrm_in_state_expired_packets_total", "State is expired"),
  XfrmInStateMismatch: counter(
    "node_xfrm_in_state_mismatch_packets_total",
    "State has mismatch option e.g. UDP encapsulation type is mismatch",
  ),
  XfrmInStateInvalid: counter("node_xfrm_in_state_invalid_packets_total", "State is invalid"),
  XfrmInTmplMismatch: counter(
    "node_xfrm_in_tmpl_mismatch_packets_total",
    "No matching template for states e.g. Inbound SAs are correct but SP rule is wrong",
  ),
  XfrmInNoPols: counter(
    "node_xfrm_in_no_pols_packets_total",
    "No policy is found for states e.g. Inbound SAs are correct but no SP is found",
  ),
  XfrmInPolBlock: counter("node_xfrm_in_pol_block_packets_total", "Policy discards"),
  XfrmInPolError: counter("node_xfrm_in_pol_error_packets_total", "Policy error"),
  XfrmOutError: counter("node_xfrm_out_error_packets_total", "All errors which is not matched others"),
  XfrmOutBundleGenError: counter("node_xfrm_out_bundle_gen_error_packets_total", "Bundle generation error"),
  XfrmOutBundleCheckError: counter("node_xfrm_out_bundle_check_error_packets_total", "Bundle check error"),
  XfrmOutNoStates: counter("node_xfrm_out_no_states_packets_total", "No state is found"),
  XfrmOutStateProtoError: counter(
    "node_xfrm_out_state_proto_error_packets_total",
    "Transformation protocol specific error",
  ),
  XfrmOutStateModeError: counter("node_xfrm_out_state_mode_error_packets_total", "Transformation mode specific error"),
  XfrmOutStateSeqError: counter(
    "node_xfrm_out_state_seq_error_packets_total",
    "Sequence error i.e. Sequence number overflow",
  ),
  XfrmOutStateExpired: counter("node_xfrm_out_state_expired_packets_total", "State is expired"),
  XfrmOutPolBlock: counter("node_xfrm_out_pol_block_packets_total", "Policy discards"),
  XfrmOutPolDead: counter("node_xfrm_out_pol_dead_packets_total", "Policy is dead"),
  XfrmOutPolError: counter("node_xfrm_out_pol_error_packets_total", "Policy error"),
  XfrmFwdHdrError: counter("node_xfrm_fwd_hdr_error_packets_total", "Forward routing of a packet is not allowed"),
  XfrmOutStateInvalid: counter("node_xfrm_out_state_invalid_packets_total", "State is invalid, perhaps expired"),
  XfrmAcquireError: counter("node_xfrm_acquire_error_packets_total", "State hasn’t been fully acquired before use"),
};

/**
 * Exports packets that IPsec could not pass on, by reason, from /proc/net/xfrm_stat. Counters that the kernel does not
 * have are 0.
 */
export const xfrm = defineCollector({
  name: "xfrm",
  enabled: false,
  metrics,
  collect({ proc }, emit) {
    const counts = new Map<string, number>();
    for (const line of linesOf(proc.read("net/xfrm_stat"))) {
      const words = fieldsOf(line);
      const [name = "", count] = words;
      if (words.length !== 2) throw new Error(`xfrm_stat: expected a name and a count, got "${line}"`);
      counts.set(name, signedOf(count, `xfrm_stat: ${name}`));
    }
    for (const name of Object.keys(metrics) as (keyof typeof metrics)[]) emit[name](counts.get(name) ?? 0);
  },
});
