import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { root } from "./sources.ts";

/**
 * Computes the golden files of units, reducers, time arithmetic and intervals again with Grafana's own library, and exits
 * with 1 if a value differs. The library is not a dependency, since its size is 177 MB:
 *     npm install --ignore-scripts --prefix FOLDER @grafana/data@13.2.3
 *     TZ=UTC node checks/golden.ts FOLDER
 */
interface Library {
  getValueFormat(id: string): (value: number | null, decimals: number | null, scaled: undefined, zone: string) => Parts;
  reduceField(options: { field: unknown; reducers: readonly string[] }): Readonly<Record<string, unknown>>;
  readonly rangeUtil: { roundInterval(ms: number): number };
  readonly dateMath: {
    parse(
      text: string,
      roundUp: boolean,
      zone: string,
      fiscalYearStartMonth: number,
    ): { valueOf(): number } | undefined;
  };
}

interface Parts {
  readonly prefix?: string;
  readonly text: string;
  readonly suffix?: string;
}

type UnitLine = readonly [value: number | string | null, decimals: number | null, parts: string];

interface Reduced {
  readonly type: string;
  readonly values: readonly unknown[];
  readonly mode: "connected" | "null as zero" | "null";
  readonly res: Readonly<Record<string, unknown>>;
}

interface Times {
  readonly math: readonly (readonly [string, number, string, 0 | 1, number, number | null])[];
  readonly interval: readonly (readonly [number, number])[];
}

const folder = process.argv[2];
if (folder === undefined) throw new Error("usage: node checks/golden.ts FOLDER_WITH_GRAFANA_DATA");
const load = createRequire(join(resolve(folder), "package.json"));
const library = load("@grafana/data") as Library;

const read = (path: string): unknown =>
  JSON.parse(readFileSync(join(root, "packages/dashboards/src", path), "utf8")) as unknown;
let [compared, wrong] = [0, 0];

function compare(file: string, input: unknown, found: unknown, recorded: unknown): void {
  compared++;
  if (JSON.stringify(found) === JSON.stringify(recorded)) return;
  if (wrong++ < 20)
    process.stderr.write(
      `${file}: ${JSON.stringify(input)}: ${JSON.stringify(found)}, kept ${JSON.stringify(recorded)}\n`,
    );
}

const SPECIAL: Readonly<Record<string, number>> = { NaN, Infinity, "-Infinity": -Infinity };
const decoded = (value: unknown): unknown => (typeof value === "string" ? (SPECIAL[value] ?? value) : value);
const encoded = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(encoded);
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
};

for (const name of ["units", "families"]) {
  for (const [id, lines] of read(`units/golden/${name}.json`) as [string, UnitLine[]][]) {
    // Skips ids that are methods of Object.prototype, which the Grafana library confuses with them.
    if (id in Object.prototype) continue;
    for (const [value, decimals, parts] of lines) {
      const {
        prefix = "",
        text,
        suffix = "",
      } = library.getValueFormat(id)(decoded(value) as number, decimals, undefined, "utc");
      compare(name, [id, value, decimals], `${prefix}|${text}|${suffix}`, parts);
    }
  }
}
for (const { type, values, mode, res } of read("reduce/golden/reduce.json") as Reduced[]) {
  const field = { name: "x", type, values: values.map(decoded), config: { nullValueMode: mode } };
  const found = library.reduceField({ field, reducers: Object.keys(res) });
  for (const [id, recorded] of Object.entries(res))
    compare("reduce", [type, values, mode, id], encoded(found[id]) ?? null, recorded);
}
const { math, interval } = read("time/golden/times.json") as Times;
for (const [raw, recorded] of interval) compare("interval", raw, library.rangeUtil.roundInterval(raw), recorded);
const realNow = Date.now;
for (const [zone, now, text, up, month, recorded] of math) {
  Date.now = () => now;
  const found = library.dateMath.parse(text, up === 1, zone, month)?.valueOf() ?? null;
  compare("math", [zone, now, text, up, month], found, recorded);
}
Date.now = realNow;
process.stdout.write(`${compared} values compared, ${wrong} differ\n`);
process.exitCode = wrong === 0 ? 0 : 1;
