import { defineCollector, type Emitter, type MetricTable } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { type FileTree, isMissing } from "../host-files/host-files.ts";
import { hexadecimalOf } from "../host-files/kernel-number.ts";
import { linesOf } from "../host-files/kernel-text.ts";
import { gauge } from "../metric.ts";

const metrics = {
  queues: gauge("node_udp_queues", "Number of allocated memory in the kernel for UDP datagrams in bytes.", [
    "queue",
    "ip",
  ]),
} satisfies MetricTable;

/**
 * Matches the line of a socket: slot, two addresses with ports, state, the two queue lengths (the groups), timer,
 * retransmissions, user, timeout, inode and more.
 */
const SOCKET =
  /^\s*\d+:(?:\s+(?:[\da-f]{8}|[\da-f]{32}):[\da-f]+){2}\s+[\da-f]+\s+([\da-f]+):([\da-f]+)\s+\S+\s+\S+\s+\d+\s+\S+\s+\d+\s+\S+\s+\S+\s+\d+/i;

/** Exports bytes in the queues of UDP sockets from /proc/net/udp and udp6. */
export const udpQueues = defineCollector({
  name: "udp_queues",
  enabled: true,
  metrics,
  collect({ proc }, emit) {
    const hasFour = emitQueues(proc, "net/udp", "v4", emit);
    const hasSix = emitQueues(proc, "net/udp6", "v6", emit);
    if (!hasFour && !hasSix) throw new NoDataError("no UDP");
  },
});

function emitQueues(proc: FileTree, file: string, ip: string, emit: Emitter<typeof metrics>): boolean {
  let text: string;
  try {
    text = proc.read(file);
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  let sent = 0;
  let received = 0;
  for (const line of linesOf(text).slice(1)) {
    const [, tx, rx] = SOCKET.exec(line) ?? [];
    if (tx === undefined) throw new Error(`${file}: malformed line "${line}"`);
    sent += hexadecimalOf(tx, file);
    received += hexadecimalOf(rx, file);
  }
  emit.queues(sent, "tx", ip);
  emit.queues(received, "rx", ip);
  return true;
}
