import { defineCollector, type DynamicEmitter } from "../collector.ts";
import { type FileTree, isMissing } from "../host-files.ts";
import { fieldsOf, linesOf, numberOf } from "../kernel-text.ts";
import { gauge, type MetricSpec } from "../metric.ts";
import { pageSize } from "../memory/page-size.ts";

const FIELDS = new Set(["inuse", "orphan", "tw", "alloc", "mem", "memory"]);

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

/** Sockets per protocol: /proc/net/sockstat and sockstat6; either may be missing. */
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
    const protocol = head.replace(/:$/, "");
    for (let i = 0; i < pairs.length; i += 2) {
      const state = pairs[i]!;
      const value = numberOf(pairs[i + 1], `${file}: ${protocol} ${state}`);
      if (protocol === "sockets") {
        if (state === "used") emit.dynamic(SOCKETS_USED, value);
        continue;
      }
      if (!FIELDS.has(state)) continue;
      emit.dynamic(specFor(protocol, state), value);
      if (state === "mem") emit.dynamic(specFor(protocol, "mem_bytes"), value * pageSize());
    }
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
