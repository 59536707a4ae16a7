import { type Clock, type Logger, logOnChange, type StateLog } from "@narthex/runtime";
import type { BlockMeta } from "../block/meta.ts";
import type { Files } from "../files.ts";

/** Time in ms for which the list of uploaded blocks is cached before its file is read again. */
const GOOD_FOR_MS = 60_000;

/**
 * Finds blocks that must be uploaded, for instance by Thanos, before they are merged. A JSON file lists the uploaded
 * blocks (`{"uploaded": ["<ulid>", …]}`, as the Thanos sidecar writes it). If the file cannot be read, no block waits.
 */
export class PendingUploads {
  readonly #path: string;
  readonly #files: Files;
  readonly #clock: Clock;
  readonly #reading: StateLog;
  /** The uploaded blocks; undefined if the file cannot be read. */
  #uploaded: ReadonlySet<unknown> | undefined;
  #readAt = -Infinity;

  constructor(path: string, files: Files, clock: Clock, logger: Logger) {
    this.#path = path;
    this.#files = files;
    this.#clock = clock;
    this.#reading = logOnChange(logger, "reading the file of uploaded blocks (compaction does not wait for uploads)");
  }

  /**
   * Returns the blocks that may be merged: in the order of their creation, up to the first block that is not uploaded.
   * Later blocks wait, because a merge after that block would leave an unmerged block behind. Merged blocks need no
   * upload.
   */
  mergeable<B extends { readonly meta: BlockMeta }>(blocks: readonly B[]): readonly B[] {
    const made = blocks.toSorted((a, b) => (a.meta.ulid < b.meta.ulid ? -1 : 1));
    const first = made.findIndex(({ meta }) => meta.compaction.level <= 1 && this.#waits(meta.ulid));
    return first < 0 ? made : made.slice(0, first);
  }

  #waits(ulid: string): boolean {
    const uploaded = this.#read();
    return uploaded !== undefined && !uploaded.has(ulid);
  }

  #read(): ReadonlySet<unknown> | undefined {
    const now = this.#clock.monotonic();
    if (now - this.#readAt < GOOD_FOR_MS) return this.#uploaded;
    this.#readAt = now;
    const path = this.#path;
    try {
      const content: unknown = JSON.parse(new TextDecoder().decode(this.#files.readWhole(path)));
      // Go writes an empty list as null, so null means no uploaded blocks.
      const uploaded = (content as { uploaded?: unknown }).uploaded ?? [];
      if (!Array.isArray(uploaded)) throw new TypeError("its field uploaded is not a list");
      this.#uploaded = new Set(uploaded);
      this.#reading.succeeded({ path });
    } catch (cause) {
      this.#uploaded = undefined;
      this.#reading.failed(cause instanceof Error ? cause.message : String(cause), { path });
    }
    return this.#uploaded;
  }
}
