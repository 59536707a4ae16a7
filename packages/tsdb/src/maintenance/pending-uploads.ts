import type { Clock, Logger } from "@narthex/runtime";
import type { BlockMeta } from "../block/meta.ts";
import type { Files } from "../files.ts";

/** Time in ms after which the file with the list of uploaded blocks is read again. */
const GOOD_FOR_MS = 60_000;

/**
 * Finds blocks that must be uploaded, for instance by Thanos, before they are merged. A JSON file lists the uploaded
 * blocks (`{"uploaded": ["<ulid>", …]}`, as the Thanos sidecar writes it). If the file cannot be read, no block waits.
 */
export class PendingUploads {
  readonly #path: string;
  readonly #files: Files;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #uploaded: ReadonlySet<unknown> | undefined;
  #readAt = -Infinity;

  constructor(path: string, files: Files, clock: Clock, logger: Logger) {
    this.#path = path;
    this.#files = files;
    this.#clock = clock;
    this.#logger = logger;
  }

  /**
   * Returns the blocks that may be merged: in the order of their creation, up to the first block that is not uploaded.
   * Later blocks wait too, because gaps of unmerged blocks would otherwise remain. Merged blocks need no upload.
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
    if (this.#uploaded !== undefined && now - this.#readAt < GOOD_FOR_MS) return this.#uploaded;
    try {
      const content: unknown = JSON.parse(new TextDecoder().decode(this.#files.readWhole(this.#path)));
      const { uploaded } = content as { uploaded?: unknown };
      this.#uploaded = new Set(Array.isArray(uploaded) ? uploaded : []);
      this.#readAt = now;
      return this.#uploaded;
    } catch (cause) {
      this.#uploaded = undefined;
      this.#logger.warn("the file of uploaded blocks cannot be read; compaction does not wait", {
        path: this.#path,
        err: cause instanceof Error ? cause.message : String(cause),
      });
      return undefined;
    }
  }
}
