import { flagKinds } from "@narthex/runtime";
import { defineCollector, type DynamicEmitter } from "../collector.ts";
import type { FileTree } from "../host-files/host-files.ts";
import { literalOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { gauge, type MetricSpec, unknown } from "../metric.ts";

const INCLUDE = "collector.sysctl.include";
const INCLUDE_INFO = "collector.sysctl.include-info";

const INFO = gauge("node_sysctl_info", "sysctl info", ["name", "value", "index"]);

/**
 * A requested kernel parameter, such as `fs.file-nr`. In `fs.file-nr:total,current,max`, the names after the colon are
 * for its numbers.
 */
interface Wanted {
  readonly name: string;
  readonly keys: readonly string[];
}

/** Exports kernel parameters below /proc/sys: numbers as values, and texts as labels of an info metric. */
export const sysctl = defineCollector({
  name: "sysctl",
  enabled: false,
  flags: {
    [INCLUDE]: flagKinds.list([], "Select sysctl metrics to include"),
    [INCLUDE_INFO]: flagKinds.list([], "Select sysctl metrics to include as info metrics"),
  },
  metrics: {},
  open({ settings }) {
    const numbers = settings.list(INCLUDE).map(wanted);
    const texts = settings.list(INCLUDE_INFO).map(wanted);
    const specs = new Map<string, MetricSpec>();
    const specFor = (name: string, help: string, labels: readonly string[]): MetricSpec => {
      const metric = `node_sysctl_${name}`;
      const known = `${metric} ${help} ${labels.join(",")}`;
      let spec = specs.get(known);
      if (spec === undefined) specs.set(known, (spec = unknown(metric, help, labels)));
      return spec;
    };
    return ({ proc }, emit) => {
      for (const parameter of numbers) emitNumbers(proc, parameter, emit, specFor);
      for (const parameter of texts) emitTexts(proc, parameter, emit);
    };
  },
});

function wanted(flag: string): Wanted {
  const colon = flag.indexOf(":");
  return colon === -1
    ? { name: flag, keys: [] }
    : { name: flag.slice(0, colon), keys: flag.slice(colon + 1).split(",") };
}

/**
 * Returns the values of a parameter. Throws if the parameter has key names whose number differs from the number of
 * values.
 */
function valuesOf(proc: FileTree, { name, keys }: Wanted): string[] {
  const values = linesOf(proc.read(`sys/${name.replaceAll(".", "/")}`)).flatMap(fieldsOf);
  if (values.length === 0) throw new Error(`sysctl ${name} has no values`);
  // Refuses a single value with a key name, as in node_exporter.
  if (keys.length > 0 && (values.length === 1 || values.length !== keys.length))
    throw new Error(`sysctl ${name} has ${values.length} values, but --${INCLUDE} names ${keys.join(",")}`);
  return values;
}

const metricNameOf = (name: string): string => name.replaceAll(/_*[^0-9A-Za-z_]+_*/g, "_");

function emitNumbers(
  proc: FileTree,
  parameter: Wanted,
  emit: DynamicEmitter,
  specFor: (name: string, help: string, labels: readonly string[]) => MetricSpec,
): void {
  const { name, keys } = parameter;
  const metric = metricNameOf(name);
  const values = valuesOf(proc, parameter).map((text, i) => {
    const value = literalOf(text);
    if (value === undefined) throw new Error(`sysctl ${name}: expected an integer in field ${i}, got "${text}"`);
    return value;
  });
  for (const [i, value] of values.entries()) {
    if (keys.length > 0) {
      emit.dynamic(specFor(`${metric}_${keys[i]!}`, `sysctl ${name}, field ${i}`, []), value);
    } else if (values.length === 1) {
      emit.dynamic(specFor(metric, `sysctl ${name}`, []), value);
    } else {
      emit.dynamic(specFor(metric, `sysctl ${name}`, ["index"]), value, String(i));
    }
  }
}

function emitTexts(proc: FileTree, parameter: Wanted, emit: DynamicEmitter): void {
  if (parameter.keys.length > 0)
    throw new Error(`sysctl ${parameter.name}: --${INCLUDE_INFO} does not accept names for the values`);
  for (const [i, value] of valuesOf(proc, parameter).entries()) emit.dynamic(INFO, 1, parameter.name, value, String(i));
}
