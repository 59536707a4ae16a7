import type { Steps } from "@narthex/runtime";
import { runInTurns } from "../collection/turns.ts";
import { defineCollector, type Emitter, type MetricTable } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { type FileTree, isMissing } from "../host-files/host-files.ts";
import { hexadecimalOf } from "../host-files/kernel-number.ts";
import { linesOf } from "../host-files/kernel-text.ts";
import { gauge } from "../metric.ts";
import { NETLINK_SOCK_DIAG, type NetlinkExchange, netlinkWithFallback } from "../system-calls/netlink.ts";
import { AF_INET, AF_INET6, IPPROTO_UDP, socketDump } from "./socket-dump.ts";

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

/**
 * Number of UDP sockets from which the collector asks sock_diag over netlink. The kernel's time for /proc/net/udp grows
 * with the square of this number; for 50,000 sockets it is two seconds.
 */
const MANY = 1000;

/**
 * Exports bytes in the queues of UDP sockets from /proc/net/udp and udp6. Uses sock_diag if there are many sockets and
 * procfs belongs to this process's network namespace.
 */
export const udpQueues = defineCollector({
  name: "udp_queues",
  enabled: true,
  metrics,
  open({ clock }) {
    return ({ proc, own }, emit) => {
      if (proc.root !== own.proc.root || !hasMany(proc)) return emitListed(proc, emit);
      return netlinkWithFallback(
        own.netlink(NETLINK_SOCK_DIAG),
        (exchange) => runInTurns(clock, emitAsked(proc, exchange, emit)),
        () => emitListed(proc, emit),
      );
    };
  },
});

const hasMany = (proc: FileTree): boolean =>
  ["net/sockstat", "net/sockstat6"].some(
    (file) => Number(/^UDP6?: inuse (\d+)/m.exec(proc.value(file) ?? "")?.[1]) > MANY,
  );

function* emitAsked(proc: FileTree, exchange: NetlinkExchange, emit: Emitter<typeof metrics>): Steps<void> {
  const families = proc.real("net/udp6") === undefined ? [AF_INET] : [AF_INET, AF_INET6];
  const sums: number[][] = [];
  for (const family of families) {
    const sum = [0, 0];
    yield* socketDump(exchange, family, IPPROTO_UDP, (_, sending, received) => {
      sum[0]! += sending;
      sum[1]! += received;
    });
    sums.push(sum);
  }
  for (const [i, [sent, received]] of sums.entries()) {
    emit.queues(sent!, "tx", IP[i]!);
    emit.queues(received!, "rx", IP[i]!);
  }
}

const IP = ["v4", "v6"] as const;

function emitListed(proc: FileTree, emit: Emitter<typeof metrics>): void {
  const hasFour = emitQueues(proc, "net/udp", "v4", emit);
  const hasSix = emitQueues(proc, "net/udp6", "v6", emit);
  if (!hasFour && !hasSix) throw new NoDataError("no UDP");
}

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
