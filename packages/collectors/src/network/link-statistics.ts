import { uint32, uint64 } from "../system-calls/netlink-message.ts";
import type { Link } from "./link-table.ts";

/** Counters of a network device under node_exporter's detailed names, in the order of `struct rtnl_link_stats64`. */
export const LINK_STATISTICS = [
  "receive_packets",
  "transmit_packets",
  "receive_bytes",
  "transmit_bytes",
  "receive_errors",
  "transmit_errors",
  "receive_dropped",
  "transmit_dropped",
  "multicast",
  "collisions",
  "receive_length_errors",
  "receive_over_errors",
  "receive_crc_errors",
  "receive_frame_errors",
  "receive_fifo_errors",
  "receive_missed_errors",
  "transmit_aborted_errors",
  "transmit_carrier_errors",
  "transmit_fifo_errors",
  "transmit_heartbeat_errors",
  "transmit_window_errors",
  "receive_compressed",
  "transmit_compressed",
  "receive_nohandler",
] as const;

export type LinkStatistic = (typeof LINK_STATISTICS)[number];

const IFLA_STATS = 7;
const IFLA_STATS64 = 23;

/**
 * Fills `out` with the counters of a network device. A counter that an old kernel does not have is 0. Returns false if
 * the kernel reports no counters.
 */
export function readStatistics({ attributes, bytes }: Link, out: Float64Array): boolean {
  const wide = attributes.bytes(IFLA_STATS64);
  const narrow = wide === undefined ? attributes.bytes(IFLA_STATS) : undefined;
  const length = (wide?.length ?? 0) / 8 + (narrow?.length ?? 0) / 4;
  const at = attributes.place(wide === undefined ? IFLA_STATS : IFLA_STATS64);
  if (at === undefined) return false;
  for (let i = 0; i < LINK_STATISTICS.length; i++) {
    if (i >= length) out[i] = 0;
    else out[i] = wide === undefined ? uint32(bytes, at + 4 * i) : uint64(bytes, at + 8 * i);
  }
  return true;
}
