import type { MetricMetadata, MetricSeries } from "@narthex/dashboards";
import type { JsonCursor } from "@narthex/http/answer";

/** Largest number of metric names. */
const MAX_METRICS = 20_000;

interface Seen {
  count: number;
  readonly labels: Map<string, SeenLabel>;
}

/** A label of a metric's series. */
interface SeenLabel {
  /** Undefined if series have different values. */
  value: string | undefined;
  /** The number of series that have the label. */
  count: number;
}

/** Counts series by name, and finds the labels that differ between series of the same name. */
export class MetricListing {
  readonly #seen = new Map<string, Seen>();

  /** Adds the labels of one series, in the server's JSON. */
  add(json: JsonCursor): void {
    const labels = new Map<string, string>();
    json.object((name) => {
      labels.set(name, json.string());
    });
    const name = labels.get("__name__") ?? "";
    labels.delete("__name__");
    const seen = this.#seen.get(name);
    if (name === "" || (seen === undefined && this.#seen.size >= MAX_METRICS)) return;
    const known: Seen = seen ?? { count: 0, labels: new Map() };
    if (seen === undefined) this.#seen.set(name, known);
    known.count++;
    for (const [label, value] of labels) {
      const before = known.labels.get(label);
      if (before === undefined) known.labels.set(label, { value, count: 1 });
      else {
        before.count++;
        if (before.value !== value) before.value = undefined;
      }
    }
  }

  /**
   * Returns the metrics with the labels that differ between their series. Labels in `kept` are listed even if they do
   * not differ.
   */
  list(kept: ReadonlySet<string>): MetricSeries[] {
    return Array.from(this.#seen, ([name, { count, labels }]) => ({
      name,
      count,
      // A label that some series lack counts as different.
      labels: [...labels].flatMap(([label, one]) =>
        one.value === undefined || one.count < count || kept.has(label) ? [label] : [],
      ),
    }));
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

const textIn = (record: Record<string, unknown>, key: string): string => {
  const value = record[key];
  return typeof value === "string" ? value : "";
};

/** Reads a server's metadata of metrics: the first entry of each name. Ignores entries of another form. */
export function readMetadata(json: unknown): Map<string, MetricMetadata> {
  const data = isRecord(json) && isRecord(json["data"]) ? json["data"] : {};
  return new Map(
    Object.entries(data).flatMap(([name, entries]): [string, MetricMetadata][] => {
      const first: unknown = Array.isArray(entries) ? entries[0] : undefined;
      if (!isRecord(first)) return [];
      return [
        [name, { type: textIn(first, "type") || "unknown", help: textIn(first, "help"), unit: textIn(first, "unit") }],
      ];
    }),
  );
}
