import { defineCollector } from "../collector.ts";
import type { FileTree } from "../host-files/host-files.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { gauge } from "../metric.ts";
import { NETLINK_SOCK_DIAG, type NetlinkExchange, netlinkWithFallback } from "../system-calls/netlink.ts";
import { putUint32, uint32 } from "../system-calls/netlink-message.ts";

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
 * Exports TCP sockets by state and the bytes in their queues, from sock_diag, or from /proc/net/tcp if sock_diag is
 * missing. States without sockets are absent. For a listening socket, only sock_diag reports the maximum number of
 * waiting connections, as bytes to be sent.
 */
export const tcpstat = defineCollector({
  name: "tcpstat",
  enabled: false,
  metrics: { states: gauge("node_tcp_connection_states", "Number of connection states.", ["state"]) },
  async collect({ proc, own }, emit) {
    const families = proc.real("net/tcp6") === undefined ? [AF_INET] : [AF_INET, AF_INET6];
    const sockets = await netlinkWithFallback(
      own.netlink(NETLINK_SOCK_DIAG),
      (exchange) => askedSockets(exchange, families),
      () => listedSockets(own.proc),
    );
    for (const [state, count] of sockets) emit.states(count, state);
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

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DIAG_BY_FAMILY = 20;
const IPPROTO_TCP = 6;
/** Mask of all states above, without the kernel's internal state TCP_NEW_SYN_RECV. */
const ALL_STATES = 0xfff;
/**
 * Size in bytes of `struct inet_diag_req_v2`. The next constant is the number of bytes to read from `struct
 * inet_diag_msg`.
 */
const REQUEST_BYTES = 56;
const ANSWER_BYTES = 64;

function askedSockets(exchange: NetlinkExchange, families: readonly number[]): SocketCount {
  const sockets = new SocketCount();
  for (const family of families) {
    const body = Buffer.alloc(REQUEST_BYTES);
    body[0] = family;
    body[1] = IPPROTO_TCP;
    putUint32(body, 4, ALL_STATES);
    exchange({ type: SOCK_DIAG_BY_FAMILY, isDump: true, body }, ({ body: answer }) => {
      if (answer.length >= ANSWER_BYTES) sockets.add(answer[1]!, uint32(answer, 60), uint32(answer, 56));
    });
  }
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
