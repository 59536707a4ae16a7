import { flagKinds } from "@narthex/runtime";
import { defineCollector, type DynamicEmitter } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { type FileTree, isMissing } from "../host-files/host-files.ts";
import { hexadecimalOf } from "../host-files/kernel-number.ts";
import { fieldsOf } from "../host-files/kernel-text.ts";
import { counter, gauge } from "../metric.ts";
import { SettingsError } from "../settings.ts";
import { type IpvsBackend, parseIpvsTable } from "./ipvs-table.ts";

const metrics = {
  connections: counter("node_ipvs_connections_total", "The total number of connections made."),
  incomingPackets: counter("node_ipvs_incoming_packets_total", "The total number of incoming packets."),
  outgoingPackets: counter("node_ipvs_outgoing_packets_total", "The total number of outgoing packets."),
  incomingBytes: counter("node_ipvs_incoming_bytes_total", "The total amount of incoming data."),
  outgoingBytes: counter("node_ipvs_outgoing_bytes_total", "The total amount of outgoing data."),
};

/** Labels that --collector.ipvs.backend-labels can select. */
const LABELS: Readonly<Record<string, (backend: IpvsBackend) => string>> = {
  local_address: (backend) => backend.localAddress,
  local_port: (backend) => String(backend.localPort),
  remote_address: (backend) => backend.remoteAddress,
  remote_port: (backend) => String(backend.remotePort),
  proto: (backend) => backend.protocol,
  local_mark: (backend) => backend.localMark,
};

const backendFamilies = (labels: readonly string[]) => ({
  active: gauge(
    "node_ipvs_backend_connections_active",
    "The current active connections by local and remote address.",
    labels,
  ),
  inactive: gauge(
    "node_ipvs_backend_connections_inactive",
    "The current inactive connections by local and remote address.",
    labels,
  ),
  weight: gauge("node_ipvs_backend_weight", "The current backend weight by local and remote address.", labels),
});

const BACKEND_LABELS = "collector.ipvs.backend-labels";

/** Exports virtual servers of the kernel's load balancer (IPVS) from /proc/net/ip_vs_stats and /proc/net/ip_vs. */
export const ipvs = defineCollector({
  name: "ipvs",
  enabled: true,
  flags: {
    [BACKEND_LABELS]: flagKinds.text(
      Object.keys(LABELS).join(","),
      "Comma separated list for IPVS backend stats labels.",
    ),
  },
  metrics: { ...metrics, ...backendFamilies(Object.keys(LABELS)) },
  open({ settings }) {
    const labels = chosenLabels(settings.text(BACKEND_LABELS));
    const families = backendFamilies(labels);
    return ({ proc }, emit) => {
      const [connections, incomingPackets, outgoingPackets, incomingBytes, outgoingBytes] = readStats(proc);
      emit.connections(connections);
      emit.incomingPackets(incomingPackets);
      emit.outgoingPackets(outgoingPackets);
      emit.incomingBytes(incomingBytes);
      emit.outgoingBytes(outgoingBytes);
      emitBackends(parseIpvsTable(proc.read("net/ip_vs")), labels, families, emit);
    };
  },
});

function chosenLabels(flag: string): readonly string[] {
  const wanted = new Set(flag.split(",").filter((label) => label !== ""));
  const unknown = [...wanted].filter((label) => !(label in LABELS)).toSorted();
  if (unknown.length > 0) throw new SettingsError(`unknown IPVS backend labels: "${unknown.join(", ")}"`);
  return Object.keys(LABELS).filter((label) => wanted.has(label));
}

type Stats = readonly [number, number, number, number, number];

/** Reads the third line of the file, which has hexadecimal numbers and follows two header lines. */
function readStats(proc: FileTree): Stats {
  let text: string;
  try {
    text = proc.read("net/ip_vs_stats");
  } catch (error) {
    if (isMissing(error)) throw new NoDataError("no IP virtual server", { cause: error });
    throw error;
  }
  const lines = text.split("\n");
  const fields = fieldsOf(lines[2] ?? "");
  if (lines.length < 4 || fields.length !== 5) throw new Error("ip_vs_stats: expected five totals in the third line");
  return fields.map((field) => hexadecimalOf(field, "ip_vs_stats")) as unknown as Stats;
}

/** Emits backends. Backends with equal values of the selected labels are added up. */
function emitBackends(
  backends: readonly IpvsBackend[],
  labels: readonly string[],
  families: ReturnType<typeof backendFamilies>,
  emit: DynamicEmitter,
): void {
  const groups = Map.groupBy(backends, (backend) => JSON.stringify(labels.map((label) => LABELS[label]!(backend))));
  for (const [key, alike] of groups) {
    const values = JSON.parse(key) as string[];
    const sum = (of: (backend: IpvsBackend) => number): number => alike.reduce((total, one) => total + of(one), 0);
    const emitSum = (family: keyof typeof families, of: (backend: IpvsBackend) => number): void =>
      emit.dynamic(families[family], sum(of), ...values);
    emitSum("active", (backend) => backend.activeConnections);
    emitSum("inactive", (backend) => backend.inactiveConnections);
    emitSum("weight", (backend) => backend.weight);
  }
}
