import type { FamilySample, MetricFamily, MetricType } from "../family.ts";

export interface OpenFamily {
  readonly name: string;
  help: string | undefined;
  type: MetricType | undefined;
  readonly samples: FamilySample[];
}

const SUMMARY_PARTS = /_(?:count|sum)$/;
const HISTOGRAM_PARTS = /_(?:count|sum|bucket)$/;

/**
 * Metric families by name. A line `x_count`, `x_sum` or `x_bucket` belongs to the summary or histogram `x` if that
 * family was read before.
 */
export class FamilyTable {
  readonly #families = new Map<string, OpenFamily>();

  /** Returns the family to which a line with this name belongs. Creates the family if it is unknown. */
  current(name: string): OpenFamily {
    const known = this.#families.get(name) ?? this.#parent(name, SUMMARY_PARTS, "summary");
    const found = known ?? this.#parent(name, HISTOGRAM_PARTS, "histogram");
    if (found !== undefined) return found;
    const made: OpenFamily = { name, help: undefined, type: undefined, samples: [] };
    this.#families.set(name, made);
    return made;
  }

  #parent(name: string, parts: RegExp, type: MetricType): OpenFamily | undefined {
    const parent = parts.test(name) ? this.#families.get(name.replace(parts, "")) : undefined;
    return parent?.type === type ? parent : undefined;
  }

  /** Returns families with at least one sample. */
  families(): MetricFamily[] {
    return [...this.#families.values()]
      .filter((family) => family.samples.length > 0)
      .map((family) => ({ ...family, type: family.type ?? "unknown" }));
  }
}
