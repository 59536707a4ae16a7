import type { MetricMetadata, MetricSeries } from "@narthex/dashboards";
import type { JsonCursor } from "@narthex/http/answer";

/** Largest number of metrics in a listing. */
const MAX_METRICS = 20_000;

interface Seen {
  count: number;
  readonly labels: Map<string, SeenLabel>;
}

interface SeenLabel {
  /** Value of the label. Undefined if it differs between series. */
  value: string | undefined;
  /** The number of series that have the label. */
  count: number;
}

/** Counts series by metric name, and finds the labels that differ between the series of a metric. */
export class MetricListing {
  readonly #seen = new Map<string, Seen>();

  /** Adds a series, whose labels are in the server's JSON. */
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

  /** Returns the metrics, each with the labels that differ between its series. Labels in `kept` are always listed. */
  list(kept: ReadonlySet<string>): MetricSeries[] {
    return Array.from(this.#seen, ([name, { count, labels }]) => ({
      name,
      count,
      // Labels that some series do not have also count as different.
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

/**
 * Reads a server's metadata of metrics. If a metric has several entries, the first one is used. Entries of another form
 * are ignored.
 */
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
