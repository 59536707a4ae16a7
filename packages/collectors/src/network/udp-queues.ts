import { defineCollector, type Emitter, type MetricTable, NoData } from "../collector.ts";
import { type FileTree, isMissing } from "../host-files.ts";
import { fieldsOf, linesOf, numberOf } from "../kernel-text.ts";
import { gauge } from "../metric.ts";

const metrics = {
  queues: gauge("node_udp_queues", "Number of allocated memory in the kernel for UDP datagrams in bytes.", [
    "queue",
    "ip",
  ]),
} satisfies MetricTable;

/** Bytes waiting in the queues of UDP sockets: /proc/net/udp and udp6. */
export const udpQueues = defineCollector({
  name: "udp_queues",
  enabled: true,
  metrics,
  collect({ proc }, emit) {
    const hasFour = emitQueues(proc, "net/udp", "v4", emit);
    const hasSix = emitQueues(proc, "net/udp6", "v6", emit);
    if (!hasFour && !hasSix) throw new NoData("no UDP");
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
    const [tx, rx] = (fieldsOf(line)[4] ?? "").split(":");
    sent += numberOf(`0x${tx ?? ""}`, file);
    received += numberOf(`0x${rx ?? ""}`, file);
  }
  emit.queues(sent, "tx", ip);
  emit.queues(received, "rx", ip);
  return true;
}
