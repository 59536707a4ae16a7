import type { MetricMetadata, MetricSeries } from "@narthex/dashboards";
import type { JsonCursor } from "@narthex/http/answer";

/** Names of metrics that are told at most. */
const MAX_METRICS = 20_000;

interface Seen {
  count: number;
  /** The value of each label, undefined where series differ by it. */
  readonly labels: Map<string, string | undefined>;
}

/** Counts series by their names, and finds the labels by which those of a name differ. */
export class MetricListing {
  readonly #seen = new Map<string, Seen>();

  /** Takes the labels of one series, as the server writes them. */
  add(json: JsonCursor): void {
    const labels = new Map<string, string>();
    json.object((name) => {
      labels.set(name, json.string());
    });
    const name = labels.get("__name__") ?? "";
    labels.delete("__name__");
    const seen = this.#seen.get(name);
    if (name === "" || (seen === undefined && this.#seen.size >= MAX_METRICS)) return;
    if (seen === undefined) {
      this.#seen.set(name, { count: 1, labels });
      return;
    }
    seen.count++;
    for (const [label, value] of labels) {
      // A label that the first series lacks is one by which they differ.
      if (!seen.labels.has(label) || seen.labels.get(label) !== value) seen.labels.set(label, undefined);
    }
    for (const label of seen.labels.keys()) if (!labels.has(label)) seen.labels.set(label, undefined);
  }

  /** The metrics, with the labels by which their series differ; `kept` ones count though all have them alike. */
  list(kept: ReadonlySet<string>): MetricSeries[] {
    return [...this.#seen].map(([name, { count, labels }]) => ({
      name,
      count,
      labels: [...labels].flatMap(([label, value]) => (value === undefined || kept.has(label) ? [label] : [])),
    }));
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

const textIn = (record: Record<string, unknown>, key: string): string => {
  const value = record[key];
  return typeof value === "string" ? value : "";
};

/** What a server says of metrics, of each name the first entry; what has another form than that is left out. */
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
