import type { PointReferences } from "./point-references.ts";
import type { SeriesWriter } from "./series-writer.ts";
import type { Translation } from "../translation/translation.ts";

const NO_ATTRIBUTES = new Uint8Array();
/**
 * Largest number of samples that a request stores for a resource before its latest data point. Without this limit, a
 * single old data point would add a sample for each interval since its time.
 */
const MAX_EARLIER = 100;

/**
 * Writes the attributes of a resource as the series target_info, which queries join with the metrics of the resource.
 * The samples range from the earliest to the latest data point, and are so close together that queries find them.
 */
export class TargetInfo {
  readonly #references: PointReferences;
  readonly #translation: Translation;
  readonly #intervalMs: number;
  #earliest = Infinity;
  #latest = 0;

  constructor(references: PointReferences, translation: Translation, lookbackMs: number) {
    this.#references = references;
    this.#translation = translation;
    this.#intervalMs = lookbackMs / 2;
  }

  begin(): void {
    this.#earliest = Infinity;
    this.#latest = 0;
  }

  /** Records the time of a data point of the resource, ms since 1970. */
  noteTime(timestamp: number): void {
    if (timestamp < this.#earliest) this.#earliest = timestamp;
    if (timestamp > this.#latest) this.#latest = timestamp;
  }

  write(resource: number, writer: SeriesWriter): void {
    const latest = this.#latest;
    if (latest === 0) return;
    const family = this.#translation.targetInfo(resource);
    if (family === undefined) return;
    const index = this.#references.firstOf(this.#references.point(family, NO_ATTRIBUTES, 0, 0, 0, 1));
    const earlier = Math.min(Math.ceil((latest - this.#earliest) / this.#intervalMs), MAX_EARLIER);
    if (earlier > 0) {
      // Ignores refused samples of target_info that are too old. Only old data points cause a request to be refused.
      writer.forgiving(() => {
        const from = Math.max(this.#earliest, latest - MAX_EARLIER * this.#intervalMs);
        for (let i = 0; i < earlier; i++) writer.value(index, Math.floor(from + i * this.#intervalMs), 0, 1);
      });
    }
    writer.value(index, latest, 0, 1);
  }
}
