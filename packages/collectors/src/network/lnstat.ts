import { defineCollector } from "../collector.ts";
import type { FileTree } from "../host-files/host-files.ts";
import { hexadecimalOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { counter, type MetricSpec } from "../metric.ts";

const FOLDER = "net/stat";

interface Reading {
  readonly column: string;
  readonly file: string;
  readonly cpu: number;
  readonly value: number;
}

/**
 * Exports caches of the network code: every table in /proc/net/stat, which has a line of hexadecimal numbers per CPU.
 */
export const lnstat = defineCollector({
  name: "lnstat",
  enabled: false,
  metrics: {},
  open() {
    const specs = new Map<string, MetricSpec>();
    const specFor = (column: string): MetricSpec => {
      let spec = specs.get(column);
      if (spec === undefined) {
        spec = counter(`node_lnstat_${column}_total`, "linux network cache stats", ["subsystem", "cpu"]);
        specs.set(column, spec);
      }
      return spec;
    };
    return ({ proc }, emit) => {
      const readings = proc.list(FOLDER).flatMap((file) => tableOf(proc, file));
      for (const { column, file, cpu, value } of readings) emit.dynamic(specFor(column), value, file, String(cpu));
    };
  },
});

function tableOf(proc: FileTree, file: string): Reading[] {
  const [heading = "", ...lines] = linesOf(proc.read(`${FOLDER}/${file}`));
  const columns = fieldsOf(heading);
  // Number of earlier values of each column, which is the CPU number of the next value. If a line is too short, later
  // lines get wrong CPU numbers for the missing columns, as in node_exporter.
  const seen = new Map<string, number>();
  return lines.flatMap((line) =>
    fieldsOf(line).map((text, i) => {
      const column = columns[i];
      if (column === undefined) throw new Error(`${FOLDER}/${file}: more numbers than columns`);
      const cpu = seen.get(column) ?? 0;
      seen.set(column, cpu + 1);
      return { column, file, cpu, value: hexadecimalOf(text, `${FOLDER}/${file}: ${column}`) };
    }),
  );
}
