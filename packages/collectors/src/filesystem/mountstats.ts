import { defineCollector, type Emitter } from "../collector.ts";
import { linesOf } from "../host-files/kernel-text.ts";
import { counter, gauge, type MetricSpec } from "../metric.ts";
import { type NfsStats, parseMountStats } from "./nfs-mount-stats.ts";

const MOUNT = ["export", "protocol", "mountaddr"];
const total = (name: string, help: string, ...more: readonly string[]): MetricSpec =>
  counter(`node_mountstats_nfs_${name}_total`, help, [...MOUNT, ...more]);
const state = (name: string, help: string, ...more: readonly string[]): MetricSpec =>
  gauge(`node_mountstats_nfs_${name}`, help, [...MOUNT, ...more]);

const READ_WITH_MMAP = "Number of pages read directly via mmap()'d files.";
const WRITTEN_WITH_MMAP = "Number of pages written directly via mmap()'d files.";
/**
 * Help text for cached inode attributes. node_exporter uses each of these help texts for two events. The texts must
 * stay equal to node_exporter's, because scrapers compare help texts.
 */
const ATTRIBUTES_INVALIDATED = "Number of times cached inode attributes are invalidated.";
const ENTRIES_READ = "Number of times directory entries have been read with getdents().";

/** Metrics in the order of the counts after `bytes:`. */
const BYTES = [
  total("read_bytes", "Number of bytes read using the read() syscall."),
  total("write_bytes", "Number of bytes written using the write() syscall."),
  total("direct_read_bytes", "Number of bytes read using the read() syscall in O_DIRECT mode."),
  total("direct_write_bytes", "Number of bytes written using the write() syscall in O_DIRECT mode."),
  total("total_read_bytes", "Number of bytes read from the NFS server, in total."),
  total("total_write_bytes", "Number of bytes written to the NFS server, in total."),
  total("read_pages", READ_WITH_MMAP),
  total("write_pages", WRITTEN_WITH_MMAP),
];

/** Metrics in the order of the counts after `events:`. An undefined entry means that the count is not exported. */
const EVENTS = [
  total("event_inode_revalidate", "Number of times cached inode attributes are re-validated from the server."),
  total("event_dnode_revalidate", "Number of times cached dentry nodes are re-validated from the server."),
  total("event_data_invalidate", "Number of times an inode cache is cleared."),
  total("event_attribute_invalidate", ATTRIBUTES_INVALIDATED),
  total("event_vfs_open", ATTRIBUTES_INVALIDATED),
  total("event_vfs_lookup", "Number of times a directory lookup has occurred."),
  total("event_vfs_access", "Number of times permissions have been checked."),
  total("event_vfs_update_page", "Number of updates (and potential writes) to pages."),
  total("event_vfs_read_page", READ_WITH_MMAP),
  total("event_vfs_read_pages", "Number of times a group of pages have been read."),
  total("event_vfs_write_page", WRITTEN_WITH_MMAP),
  total("event_vfs_write_pages", "Number of times a group of pages have been written."),
  total("event_vfs_getdents", ENTRIES_READ),
  total("event_vfs_setattr", ENTRIES_READ),
  total("event_vfs_flush", "Number of pending writes that have been forcefully flushed to the server."),
  total("event_vfs_fsync", "Number of times fsync() has been called on directories and files."),
  total("event_vfs_lock", "Number of times locking has been attempted on a file."),
  total("event_vfs_file_release", "Number of times files have been closed and released."),
  undefined, // waits for congestion, which the kernel never counts
  total("event_truncation", "Number of times files have been truncated."),
  total("event_write_extension", "Number of times a file has been grown due to writes beyond its existing end."),
  total("event_silly_rename", "Number of times a file was removed while still open by another process."),
  total("event_short_read", "Number of times the NFS server gave less data than expected while reading."),
  total("event_short_write", "Number of times the NFS server wrote less data than expected while writing."),
  total(
    "event_jukebox_delay",
    "Number of times the NFS server indicated EJUKEBOX; retrieving data from offline storage.",
  ),
  total("event_pnfs_read", "Number of NFS v4.1+ pNFS reads."),
  total("event_pnfs_write", "Number of NFS v4.1+ pNFS writes."),
];

/** Metrics in the order of a transport's counts. An undefined entry means that the count is not exported. */
const TRANSPORT = [
  undefined, // number of the local port
  total(
    "transport_bind",
    "Number of times the client has had to establish a connection from scratch to the NFS server.",
    "transport",
  ),
  total("transport_connect", "Number of times the client has made a TCP connection to the NFS server.", "transport"),
  undefined, // time spent waiting for connections, in jiffies
  state(
    "transport_idle_time_seconds",
    "Duration since the NFS mount last saw any RPC traffic, in seconds.",
    "transport",
  ),
  total("transport_sends", "Number of RPC requests for this mount sent to the NFS server.", "transport"),
  total("transport_receives", "Number of RPC responses for this mount received from the NFS server.", "transport"),
  total(
    "transport_bad_transaction_ids",
    "Number of times the NFS server sent a response with a transaction ID unknown to this client.",
    "transport",
  ),
  undefined, // sum of the numbers of requests in progress
  total("transport_backlog_queue", "Total number of items added to the RPC backlog queue.", "transport"),
  state("transport_maximum_rpc_slots", "Maximum number of simultaneously active RPC requests ever used.", "transport"),
  total("transport_sending_queue", "Total number of items added to the RPC transmission sending queue.", "transport"),
  total("transport_pending_queue", "Total number of items added to the RPC transmission pending queue.", "transport"),
];

/**
 * Metrics of one operation, in the order of the numbers in its line. The last three numbers are in ms and exported in
 * seconds.
 */
const OPERATION = [
  total("operations_requests", "Number of requests performed for a given operation.", "operation"),
  total(
    "operations_transmissions",
    "Number of times an actual RPC request has been transmitted for a given operation.",
    "operation",
  ),
  total(
    "operations_major_timeouts",
    "Number of times a request has had a major timeout for a given operation.",
    "operation",
  ),
  total(
    "operations_sent_bytes",
    "Number of bytes sent for a given operation, including RPC headers and payload.",
    "operation",
  ),
  total(
    "operations_received_bytes",
    "Number of bytes received for a given operation, including RPC headers and payload.",
    "operation",
  ),
  total(
    "operations_queue_time_seconds",
    "Duration all requests spent queued for transmission for a given operation before they were sent, in seconds.",
    "operation",
  ),
  total(
    "operations_response_time_seconds",
    "Duration all requests took to get a reply back after a request for a given operation was transmitted, in seconds.",
    "operation",
  ),
  total(
    "operations_request_time_seconds",
    "Duration all requests took from when a request was enqueued to when it was completely handled for a given operation, in seconds.",
    "operation",
  ),
];
const FIRST_MS = 5;

const metrics = {
  age: total("age_seconds", "The age of the NFS mount in seconds."),
  info: state("mountpoint_info", "Info metric for an NFS mountpoint.", "mountpoint"),
};

/**
 * Exports NFS client statistics of mounts from /proc/self/mountstats, with server addresses from /proc/self/mountinfo.
 */
export const mountstats = defineCollector({
  name: "mountstats",
  enabled: false,
  metrics,
  collect({ proc }, emit) {
    const mounts = parseMountStats(proc.read("self/mountstats"));
    // Server addresses by line number. mountstats and mountinfo list the same mounts in the same order.
    const addresses = linesOf(proc.read("self/mountinfo")).map(addressOf);
    const shown = { exports: new Set<string>(), mountPoints: new Set<string>() };
    for (const [i, { device, mountPoint, nfs }] of mounts.entries()) {
      if (nfs !== undefined) emitMount(emit, nfs, device, addresses[i] ?? "", mountPoint, shown);
    }
  },
});

/**
 * Emits the statistics of one mount. If an export is mounted several times, the mounts share one set of counters, which
 * is emitted once per protocol.
 */
function emitMount(
  emit: Emitter<typeof metrics>,
  stats: NfsStats,
  device: string,
  address: string,
  mountPoint: string,
  shown: { readonly exports: Set<string>; readonly mountPoints: Set<string> },
): void {
  for (const { protocol } of stats.transports) {
    const place = JSON.stringify([device, protocol, address, mountPoint]);
    if (!shown.mountPoints.has(place)) emit.info(1, device, protocol, address, mountPoint);
    shown.mountPoints.add(place);
    const exported = JSON.stringify([device, protocol, address]);
    if (shown.exports.has(exported)) return;
    shown.exports.add(exported);
    emitStats(emit, stats, device, protocol, address);
  }
}

function emitStats(
  emit: Emitter<typeof metrics>,
  stats: NfsStats,
  device: string,
  protocol: string,
  address: string,
): void {
  const labels = [device, protocol, address];
  emit.age(stats.ageSeconds, ...labels);
  for (const [i, metric] of BYTES.entries()) emit.dynamic(metric, stats.bytes[i] ?? 0, ...labels);
  for (const [i, metric] of EVENTS.entries()) {
    if (metric !== undefined) emit.dynamic(metric, stats.events[i] ?? 0, ...labels);
  }
  for (const [at, { counts }] of stats.transports.entries()) {
    for (const [i, metric] of TRANSPORT.entries()) {
      if (metric !== undefined) emit.dynamic(metric, counts[i] ?? 0, ...labels, String(at));
    }
  }
  for (const { name, counts } of stats.operations) {
    for (const [i, metric] of OPERATION.entries())
      emit.dynamic(metric, i < FIRST_MS ? counts[i]! : counts[i]! / 1000, ...labels, name);
  }
}

/** Returns the server's address from the options of the super block, or an empty string if they contain no address. */
function addressOf(line: string): string {
  const words = line.split(" ");
  if (words.length < 10 || words.at(-4) !== "-" || !/^[+-]?\d+$/.test(words[0]!) || !/^[+-]?\d+$/.test(words[1]!))
    throw new Error(`mountinfo: expected a mount and its super block in "${line}"`);
  const option = words
    .at(-1)!
    .split(",")
    .findLast((text) => text === "addr" || text.startsWith("addr="));
  return option?.split("=")[1] ?? "";
}
