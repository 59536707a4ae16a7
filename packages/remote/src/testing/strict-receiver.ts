import type { ReadSample } from "./read-request.ts";
import { samplesOfV1 } from "./read-request.ts";

/**
 * A remote write receiver that refuses a whole request if a sample is older than the newest sample of its series, as
 * Prometheus does.
 */
export class StrictReceiver {
  readonly samples: ReadSample[] = [];
  readonly #newest = new Map<string, ReadSample>();

  /** Receives a request. Returns the HTTP status of the response. */
  receive(body: Uint8Array): 204 | 400 {
    const taken = new Map<string, ReadSample>();
    const fresh: ReadSample[] = [];
    for (const sample of samplesOfV1(body)) {
      const before = taken.get(sample.series) ?? this.#newest.get(sample.series);
      if (before !== undefined && before.time === sample.time && before.value === sample.value) continue;
      if (before !== undefined && before.time >= sample.time) return 400;
      taken.set(sample.series, sample);
      fresh.push(sample);
    }
    for (const [series, sample] of taken) this.#newest.set(series, sample);
    this.samples.push(...fresh);
    return 204;
  }
}
