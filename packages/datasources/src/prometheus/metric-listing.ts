import type { MetricMetadata, MetricSeries } from "@narthex/dashboards";
import type { JsonCursor } from "@narthex/http/answer";

/** Names of metrics that are told at most. */
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

  /** The metrics, with the labels by which their series differ; `kept` ones count though all have them alike. */
  list(kept: ReadonlySet<string>): MetricSeries[] {
    return Array.from(this.#seen, ([name, { count, labels }]) => ({
      name,
      count,
      // Series differ by a label that some of them lack.
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
