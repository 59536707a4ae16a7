import { QueryGate } from "@narthex/promql";

/** Number of pictures that are queried and drawn at the same time. */
const MAX_AT_ONCE = 4;

/**
 * Limits how many pictures are made at the same time, because many groups may notify together. Further pictures wait in
 * order. A picture whose signal is aborted while it waits is never begun.
 */
export class PictureSlots {
  readonly #gate = new QueryGate(MAX_AT_ONCE);

  /** Makes a picture when a slot is free. Rejects with the signal's reason if the signal is aborted before. */
  async run<T>(signal: AbortSignal, make: () => Promise<T>): Promise<T> {
    const release = await this.#gate.take(signal);
    try {
      return await make();
    } finally {
      release();
    }
  }
}
