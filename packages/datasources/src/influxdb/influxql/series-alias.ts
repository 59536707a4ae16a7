import { formatInterval } from "@narthex/dashboards";
import type { InfluxSeries } from "./influxql-answer.ts";
import type { ResultFormat } from "./influxql-target.ts";

interface AliasSettings {
  /** The configured alias, or an empty text. */
  readonly alias: string;
  readonly resultFormat: ResultFormat;
  readonly intervalMs: number;
}

/** Largest number of characters of an alias, and of a tag or name that it shows. */
const MAX_SHOWN = 1000;
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
  const part = partOf({ name, tags }, column, intervalMs);
  return alias
    .slice(0, MAX_SHOWN)
    .replaceAll(PART, (written: string, bare: string | undefined, bracketed: string | undefined) =>
      part((bare ?? bracketed!).trim(), written).slice(0, MAX_SHOWN),
    );
}

/** Returns the function that returns a part of an alias by its name, or the written text if there is no such part. */
function partOf(
  { name, tags }: Pick<InfluxSeries, "name" | "tags">,
  column: string,
  intervalMs: number,
): (key: string, written: string) => string {
  let segments: readonly string[] | undefined;
  return (key, written) => {
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
    if (/^\d{1,3}$/.test(key)) {
      segments ??= name.split(".", MAX_SHOWN);
      return segments[Number(key)] ?? written;
    }
    const tag = key.startsWith("tag_") ? key.slice("tag_".length) : undefined;
    return tag !== undefined && Object.hasOwn(tags, tag) ? tags[tag]! : written;
  };
}

function usualName(name: string, tags: InfluxSeries["tags"], column: string, format: ResultFormat): string {
  const start = format === "table" ? column : `${name}.${column}`;
  const labels = Object.entries(tags).map(([key, value]) => `${key}: ${value}`);
  return labels.length === 0 ? start : `${start} { ${labels.join(", ")} }`;
}
