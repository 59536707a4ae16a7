import type { Steps } from "@narthex/runtime";
import { runInTurns } from "../collection/turns.ts";
import { defineCollector } from "../collector.ts";
import type { FileTree } from "../host-files/host-files.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { gauge } from "../metric.ts";
import { NETLINK_SOCK_DIAG, type NetlinkExchange, netlinkWithFallback } from "../system-calls/netlink.ts";
import { AF_INET, AF_INET6, IPPROTO_TCP, socketDump } from "./socket-dump.ts";

/** The kernel's numbers of TCP states. */
const STATES: Readonly<Record<number, string>> = {
  1: "established",
  2: "syn_sent",
  3: "syn_recv",
  4: "fin_wait1",
  5: "fin_wait2",
  6: "time_wait",
  7: "close",
  8: "close_wait",
  9: "last_ack",
  10: "listen",
  11: "closing",
};

/**
 * Exports TCP sockets by state and the bytes in their queues. Reads sock_diag, or /proc/net/tcp if sock_diag is
 * missing. States without sockets are absent. For a listening socket, only sock_diag reports the maximum number of
 * waiting connections, as bytes to be sent.
 */
export const tcpstat = defineCollector({
  name: "tcpstat",
  enabled: false,
  metrics: { states: gauge("node_tcp_connection_states", "Number of connection states.", ["state"]) },
  open({ clock }) {
    return async ({ proc, own }, emit) => {
      const families = proc.real("net/tcp6") === undefined ? [AF_INET] : [AF_INET, AF_INET6];
      const sockets = await netlinkWithFallback(
        own.netlink(NETLINK_SOCK_DIAG),
        (exchange) => runInTurns(clock, askedSockets(exchange, families)),
        () => listedSockets(own.proc),
      );
      for (const [state, count] of sockets) emit.states(count, state);
    };
  },
});

/** Number of sockets per state, and bytes in queues, by label value. */
class SocketCount extends Map<string, number> {
  add(state: number, sending: number, received: number): void {
    this.#raise(STATES[state] ?? "unknown", 1);
    this.#raise("tx_queued_bytes", sending);
    this.#raise("rx_queued_bytes", received);
  }

  #raise(key: string, by: number): void {
    this.set(key, (this.get(key) ?? 0) + by);
  }
}

function* askedSockets(exchange: NetlinkExchange, families: readonly number[]): Steps<SocketCount> {
  const sockets = new SocketCount();
  for (const family of families)
    yield* socketDump(exchange, family, IPPROTO_TCP, (...socket) => sockets.add(...socket));
  return sockets;
}

function listedSockets(proc: FileTree): SocketCount {
  const sockets = new SocketCount();
  for (const file of ["net/tcp", "net/tcp6"]) {
    for (const line of linesOf(proc.value(file) ?? "").slice(1)) {
      const fields = fieldsOf(line);
      const [sending = "0", received = "0"] = (fields[4] ?? "").split(":");
      sockets.add(parseInt(fields[3] ?? "", 16), parseInt(sending, 16), parseInt(received, 16));
    }
  }
  return sockets;
}
