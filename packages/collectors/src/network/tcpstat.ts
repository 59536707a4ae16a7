import { defineCollector } from "../collector.ts";
import { fieldsOf, linesOf } from "../kernel-text.ts";
import { gauge } from "../metric.ts";

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

/** TCP sockets by state and bytes in their queues: /proc/net/tcp and tcp6. States without sockets are absent. */
export const tcpstat = defineCollector({
  name: "tcpstat",
  enabled: false,
  metrics: { states: gauge("node_tcp_connection_states", "Number of connection states.", ["state"]) },
  collect({ own }, emit) {
    const counts = new Map<string, number>();
    const add = (state: string, by: number): void => void counts.set(state, (counts.get(state) ?? 0) + by);
    for (const file of ["net/tcp", "net/tcp6"]) {
      for (const line of linesOf(own.proc.value(file) ?? "").slice(1)) {
        const fields = fieldsOf(line);
        const state = STATES[parseInt(fields[3] ?? "", 16)];
        const [sent = "0", received = "0"] = (fields[4] ?? "").split(":");
        if (state !== undefined) add(state, 1);
        add("tx_queued_bytes", parseInt(sent, 16));
        add("rx_queued_bytes", parseInt(received, 16));
      }
    }
    for (const [state, count] of counts) emit.states(count, state);
  },
});
