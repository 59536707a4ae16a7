import { counter, gauge, type MetricSpec } from "../metric.ts";

/** Metric that exports one file of an InfiniBand port. */
export interface PortCounter {
  readonly metric: MetricSpec;
  /** Factor from the counter's unit to the metric's unit. */
  readonly factor: number;
}

const PORT = ["device", "port"];
/** Number of lanes of a port. The port's data counters count only one lane. */
const LANES = 4;

const count = (name: string, help: string, factor = 1): PortCounter => ({
  metric: counter(`node_infiniband_${name}_total`, help, PORT),
  factor,
});

/** Counters of an InfiniBand port, by file name. */
export const PORT_COUNTERS: Readonly<Record<string, PortCounter>> = {
  excessive_buffer_overrun_errors: count(
    "excessive_buffer_overrun_errors",
    "Number of times that OverrunErrors consecutive flow control update periods occurred, each " +
      "having at least one overrun error.",
  ),
  link_downed: count("link_downed", "Number of times the link failed to recover from an error state and went down"),
  link_error_recovery: count(
    "link_error_recovery",
    "Number of times the link successfully recovered from an error state",
  ),
  local_link_integrity_errors: count(
    "local_link_integrity_errors",
    "Number of times that the count of local physical errors exceeded the threshold specified by LocalPhyErrors.",
  ),
  multicast_rcv_packets: count("multicast_packets_received", "Number of multicast packets received (including errors)"),
  multicast_xmit_packets: count(
    "multicast_packets_transmitted",
    "Number of multicast packets transmitted (including errors)",
  ),
  port_rcv_constraint_errors: count(
    "port_constraint_errors_received",
    "Number of packets received on the switch physical port that are discarded",
  ),
  port_rcv_data: count("port_data_received_bytes", "Number of data octets received on all links", LANES),
  port_rcv_discards: count(
    "port_discards_received",
    "Number of inbound packets discarded by the port because the port is down or congested",
  ),
  port_rcv_errors: count(
    "port_errors_received",
    "Number of packets containing an error that were received on this port",
  ),
  port_rcv_packets: count(
    "port_packets_received",
    "Number of packets received on all VLs by this port (including errors)",
  ),
  port_rcv_remote_physical_errors: count(
    "port_receive_remote_physical_errors",
    "Number of packets marked with the EBP (End of Bad Packet) delimiter received on the port.",
  ),
  port_rcv_switch_relay_errors: count(
    "port_receive_switch_relay_errors",
    "Number of packets that could not be forwarded by the switch.",
  ),
  port_xmit_constraint_errors: count(
    "port_constraint_errors_transmitted",
    "Number of packets not transmitted from the switch physical port",
  ),
  port_xmit_data: count("port_data_transmitted_bytes", "Number of data octets transmitted on all links", LANES),
  port_xmit_discards: count(
    "port_discards_transmitted",
    "Number of outbound packets discarded by the port because the port is down or congested",
  ),
  port_xmit_packets: count(
    "port_packets_transmitted",
    "Number of packets transmitted on all VLs from this port (including errors)",
  ),
  port_xmit_wait: count(
    "port_transmit_wait",
    "Number of ticks during which the port had data to transmit but no data was sent during the entire tick",
  ),
  symbol_error: count("symbol_error", "Number of minor link errors detected on one or more physical lanes."),
  unicast_rcv_packets: count("unicast_packets_received", "Number of unicast packets received (including errors)"),
  unicast_xmit_packets: count(
    "unicast_packets_transmitted",
    "Number of unicast packets transmitted (including errors)",
  ),
  VL15_dropped: count("vl15_dropped", "Number of incoming VL15 packets dropped due to resource limitations."),
};

/** Counters in the folder counters_ext, by file name. */
export const LEGACY_COUNTERS: Readonly<Record<string, PortCounter>> = {
  port_multicast_rcv_packets: count("legacy_multicast_packets_received", "Number of multicast packets received"),
  port_multicast_xmit_packets: count("legacy_multicast_packets_transmitted", "Number of multicast packets transmitted"),
  port_rcv_data_64: count("legacy_data_received_bytes", "Number of data octets received on all links", LANES),
  port_rcv_packets_64: count("legacy_packets_received", "Number of data packets received on all links"),
  port_unicast_rcv_packets: count("legacy_unicast_packets_received", "Number of unicast packets received"),
  port_unicast_xmit_packets: count("legacy_unicast_packets_transmitted", "Number of unicast packets transmitted"),
  port_xmit_data_64: count("legacy_data_transmitted_bytes", "Number of data octets transmitted on all links", LANES),
  port_xmit_packets_64: count("legacy_packets_transmitted", "Number of data packets received on all links"),
};

/** The kernel's file is in milliseconds, and the metric is in whole seconds. */
export const HW_COUNTERS_LIFESPAN: PortCounter = {
  metric: gauge(
    "node_infiniband_lifespan_seconds",
    "The maximum period in ms which defines the aging of the counter reads. Two consecutive reads within this period might return the same values.",
    PORT,
  ),
  factor: 1,
};

/** Counters in the folder hw_counters, by file name. Newer drivers of Mellanox adapters have this folder. */
export const HARDWARE_COUNTERS: Readonly<Record<string, PortCounter>> = {
  duplicate_request: count(
    "duplicate_requests_packets",
    "The number of received packets. A duplicate request is a request that had been previously executed.",
  ),
  implied_nak_seq_err: count(
    "implied_nak_seq_errors",
    "The number of time the requested decided an ACK. with a PSN larger than the expected PSN for an " +
      "RDMA read or response.",
  ),
  lifespan: HW_COUNTERS_LIFESPAN,
  local_ack_timeout_err: count(
    "local_ack_timeout_errors",
    "The number of times QP's ack timer expired for RC, XRC, DCT QPs at the sender side. The QP " +
      "retry limit was not exceed, therefore it is still recoverable error.",
  ),
  np_cnp_sent: count(
    "np_cnp_packets_sent",
    "The number of CNP packets sent by the Notification Point when it noticed congestion experienced " +
      "in the RoCEv2 IP header (ECN bits). The counters was added in MLNX_OFED 4.1",
  ),
  np_ecn_marked_roce_packets: count(
    "np_ecn_marked_roce_packets_received",
    "The number of RoCEv2 packets received by the notification point which were marked for " +
      "experiencing the congestion (ECN bits where '11' on the ingress RoCE traffic) . The counters " +
      "was added in MLNX_OFED 4.1",
  ),
  out_of_buffer: count(
    "out_of_buffer_drops",
    "The number of drops occurred due to lack of WQE for the associated QPs.",
  ),
  out_of_sequence: count("out_of_sequence_packets_received", "The number of out of sequence packets received."),
  packet_seq_err: count(
    "packet_sequence_errors",
    "The number of received NAK sequence error packets. The QP retry limit was not exceeded.",
  ),
  req_cqe_error: count(
    "req_cqes_errors",
    "The number of times requester detected CQEs completed with errors. The counters was added in MLNX_OFED 4.1",
  ),
  req_cqe_flush_error: count(
    "req_cqes_flush_errors",
    "The number of times requester detected CQEs completed with flushed errors. The counters was " +
      "added in MLNX_OFED 4.1",
  ),
  req_remote_access_errors: count(
    "req_remote_access_errors",
    "The number of times requester detected remote access errors. The counters was added in MLNX_OFED 4.1",
  ),
  req_remote_invalid_request: count(
    "req_remote_invalid_request_errors",
    "The number of times requester detected remote invalid request errors. The counters was added in " +
      "MLNX_OFED 4.1",
  ),
  resp_cqe_error: count(
    "resp_cqes_errors",
    "The number of times responder detected CQEs completed with errors. The counters was added in MLNX_OFED 4.1",
  ),
  resp_cqe_flush_error: count(
    "resp_cqes_flush_errors",
    "The number of times responder detected CQEs completed with flushed errors. The counters was " +
      "added in MLNX_OFED 4.1",
  ),
  resp_local_length_error: count(
    "resp_local_length_errors",
    "The number of times responder detected local length errors. The counters was added in MLNX_OFED 4.1",
  ),
  resp_remote_access_errors: count(
    "resp_remote_access_errors",
    "The number of times responder detected remote access errors. The counters was added in MLNX_OFED 4.1",
  ),
  rnr_nak_retry_err: count(
    "rnr_nak_retry_packets_received",
    "The number of received RNR NAK packets. The QP retry limit was not exceeded.",
  ),
  roce_adp_retrans: count(
    "roce_adp_retransmits",
    "The number of adaptive retransmissions for RoCE traffic. The counter was added in MLNX_OFED rev " +
      "5.0-1.0.0.0 and kernel v5.6.0",
  ),
  roce_adp_retrans_to: count(
    "roce_adp_retransmits_timeout",
    "The number of times RoCE traffic reached timeout due to adaptive retransmission. The counter " +
      "was added in MLNX_OFED rev 5.0-1.0.0.0 and kernel v5.6.0",
  ),
  roce_slow_restart: count(
    "roce_slow_restart_used",
    "The number of times RoCE slow restart was used. The counter was added in MLNX_OFED rev " +
      "5.0-1.0.0.0 and kernel v5.6.0",
  ),
  roce_slow_restart_cnps: count(
    "roce_slow_restart_cnps",
    "The number of times RoCE slow restart generated CNP packets. The counter was added in MLNX_OFED " +
      "rev 5.0-1.0.0.0 and kernel v5.6.0",
  ),
  roce_slow_restart_trans: count(
    "roce_slow_restart",
    "The number of times RoCE slow restart changed state to slow restart. The counter was added in " +
      "MLNX_OFED rev 5.0-1.0.0.0 and kernel v5.6.0",
  ),
  rp_cnp_handled: count(
    "rp_cnp_packets_handled",
    "The number of CNP packets handled by the Reaction Point HCA to throttle the transmission rate. " +
      "The counters was added in MLNX_OFED 4.1",
  ),
  rp_cnp_ignored: count(
    "rp_cnp_ignored_packets_received",
    "The number of CNP packets received and ignored by the Reaction Point HCA. This counter should " +
      "not raise if RoCE Congestion Control was enabled in the network. If this counter raise, verify " +
      "that ECN was enabled on the adapter.",
  ),
  rx_atomic_requests: count("rx_atomic_requests", "The number of received ATOMIC request for the associated QPs."),
  rx_dct_connect: count(
    "rx_dct_connect_requests",
    "The number of received connection requests for the associated DCTs.",
  ),
  rx_icrc_encapsulated: count(
    "rx_icrc_encapsulated_errors",
    "The number of RoCE packets with ICRC errors. This counter was added in MLNX_OFED 4.4 and kernel 4.19",
  ),
  rx_read_requests: count("rx_read_requests", "The number of received READ requests for the associated QPs."),
  rx_write_requests: count("rx_write_requests", "The number of received WRITE requests for the associated QPs."),
};
