import { defineCollector, type DynamicEmitter } from "../collector.ts";
import { type FileTree, isMissing } from "../host-files/host-files.ts";
import { literalOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { gauge, type MetricSpec } from "../metric.ts";
import { pageSize } from "../memory/page-size.ts";

const FIELDS = new Set(["orphan", "tw", "alloc", "mem", "memory"]);

const specs = new Map<string, MetricSpec>();

function specFor(protocol: string, state: string): MetricSpec {
  const key = `${protocol}_${state}`;
  let spec = specs.get(key);
  if (spec === undefined) {
    spec = gauge(`node_sockstat_${key}`, `Number of ${protocol} sockets in state ${state}.`);
    specs.set(key, spec);
  }
  return spec;
}

const SOCKETS_USED = gauge("node_sockstat_sockets_used", "Number of IPv4 sockets in use.");

/** Exports sockets per protocol from /proc/net/sockstat and sockstat6. Either file may be missing. */
export const sockstat = defineCollector({
  name: "sockstat",
  enabled: true,
  metrics: {},
  collect({ proc }, emit) {
    for (const file of ["net/sockstat", "net/sockstat6"]) emitFile(proc, file, emit);
  },
});

function emitFile(proc: FileTree, file: string, emit: DynamicEmitter): void {
  for (const line of linesOf(readIfPresent(proc, file))) {
    const [head = "", ...pairs] = fieldsOf(line);
    if (pairs.length === 0 || pairs.length % 2 !== 0) throw new Error(`${file}: malformed line "${line}"`);
    const counts = new Map<string, number>();
    for (let i = 0; i < pairs.length; i += 2) {
      const count = literalOf(pairs[i + 1]!);
      if (count === undefined) throw new Error(`${file}: expected numbers in "${line}"`);
      counts.set(pairs[i]!, count);
    }
    emitCounts(head.replace(/:$/, ""), counts, emit);
  }
}

function emitCounts(protocol: string, counts: ReadonlyMap<string, number>, emit: DynamicEmitter): void {
  if (protocol === "sockets") {
    emit.dynamic(SOCKETS_USED, counts.get("used") ?? 0);
    return;
  }
  // Emits 0 for a protocol whose line has no number of sockets in use.
  emit.dynamic(specFor(protocol, "inuse"), counts.get("inuse") ?? 0);
  for (const [state, count] of counts) {
    if (FIELDS.has(state)) emit.dynamic(specFor(protocol, state), count);
    if (state === "mem") emit.dynamic(specFor(protocol, "mem_bytes"), count * pageSize());
  }
}

function readIfPresent(proc: FileTree, file: string): string {
  try {
    return proc.read(file);
  } catch (error) {
    if (isMissing(error)) return "";
    throw error;
  }
}
