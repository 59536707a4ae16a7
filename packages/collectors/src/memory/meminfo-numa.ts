import { trimTrailing } from "@narthex/model";
import { defineCollector } from "../collector.ts";
import { floatOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { counter, gauge, type MetricSpec, type MetricType } from "../metric.ts";

const FOLDER = "devices/system/node";

interface Reading {
  readonly field: string;
  readonly type: MetricType;
  readonly node: string;
  readonly value: number;
}

/** Exports memory of each NUMA node from meminfo and numastat in /sys/devices/system/node/node*. */
export const meminfoNuma = defineCollector({
  name: "meminfo_numa",
  enabled: false,
  metrics: {},
  open() {
    const specs = new Map<string, MetricSpec>();
    const specFor = (field: string, type: MetricType): MetricSpec => {
      let spec = specs.get(field);
      if (spec === undefined) {
        const describe = type === "counter" ? counter : gauge;
        spec = describe(`node_memory_numa_${field}`, `Memory information field ${field}.`, ["node"]);
        specs.set(field, spec);
      }
      return spec;
    };
    return ({ sys }, emit) => {
      const nodes = sys.list(FOLDER).filter((name) => /^node\d/.test(name));
      const readings = nodes.flatMap((name) => [
        ...memoryOf(sys.read(`${FOLDER}/${name}/meminfo`)),
        ...allocationsOf(sys.read(`${FOLDER}/${name}/numastat`), /^node(\d*)/.exec(name)![1]!),
      ]);
      for (const { field, type, value, node } of readings) emit.dynamic(specFor(field, type), value, node);
    };
  },
});

/** Parses lines such as `Node 0 Active(anon): 5 kB`. */
function memoryOf(text: string): Reading[] {
  return wordsOfLines(text).map((words) => {
    const [, node = "", field = "", number, unit] = words;
    if (words.length < 4 || words.length > 5 || (words.length === 5 && unit !== "kB"))
      throw new Error(`meminfo of a NUMA node: expected "Node N Field: number kB", got "${words.join(" ")}"`);
    const value = floatOf(number, `meminfo of NUMA node ${node}`);
    const name = trimTrailing(field, ":").replaceAll(/\((.*)\)/g, "_$1");
    return { field: name, type: "gauge", node, value: unit === undefined ? value : value * 1024 };
  });
}

/** Parses lines such as `numa_hit 5`. */
function allocationsOf(text: string, node: string): Reading[] {
  return wordsOfLines(text).map((words) => {
    const [field = "", number] = words;
    if (words.length !== 2) throw new Error(`numastat: expected a name and a number, got "${words.join(" ")}"`);
    return { field: `${field}_total`, type: "counter", node, value: floatOf(number, `numastat: ${field}`) };
  });
}

const wordsOfLines = (text: string): string[][] =>
  linesOf(text)
    .map(fieldsOf)
    .filter((words) => words.length > 0);
