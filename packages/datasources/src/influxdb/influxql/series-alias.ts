import { formatInterval } from "@narthex/dashboards";
import type { InfluxSeries } from "./influxql-answer.ts";
import type { ResultFormat } from "./influxql-target.ts";

interface AliasSettings {
  /** The configured alias, or an empty text. */
  readonly alias: string;
  readonly resultFormat: ResultFormat;
  readonly intervalMs: number;
}

const PART = /\$(\w+)|\[\[([^\]]{1,200})\]\]/g;

/**
 * Returns the name of a column of a series. An alias may contain `$measurement`, `$m`, `$col`, `$tag_NAME`, and `$0`,
 * `$1` and so on for the parts of the measurement between dots. `[[NAME]]` means the same as `$NAME`.
 */
export function nameOfSeries(
  { name, tags }: Pick<InfluxSeries, "name" | "tags">,
  column: string,
  { alias, resultFormat, intervalMs }: AliasSettings,
): string {
  if (alias === "") return usualName(name, tags, column, resultFormat);
  const segments = name.split(".");
  return alias.replaceAll(PART, (written: string, bare: string | undefined, bracketed: string | undefined) => {
    const key = (bare ?? bracketed!).trim();
    switch (key) {
      case "m":
      case "measurement":
        return name;
      case "col":
        return column;
      case "__interval":
        return formatInterval(intervalMs);
      case "__interval_ms":
        return String(intervalMs);
    }
    if (/^\d{1,3}$/.test(key)) return segments[Number(key)] ?? written;
    const tag = key.startsWith("tag_") ? key.slice("tag_".length) : undefined;
    return tag !== undefined && Object.hasOwn(tags, tag) ? tags[tag]! : written;
  });
}

function usualName(name: string, tags: InfluxSeries["tags"], column: string, format: ResultFormat): string {
  const start = format === "table" ? column : `${name}.${column}`;
  const labels = Object.entries(tags).map(([key, value]) => `${key}: ${value}`);
  return labels.length === 0 ? start : `${start} { ${labels.join(", ")} }`;
}
