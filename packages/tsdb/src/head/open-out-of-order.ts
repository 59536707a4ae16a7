import type { Logger } from "@narthex/runtime";
import type { Files } from "../files.ts";
import type { WalCompression } from "../wal/compression.ts";
import { listSegments } from "../wal/segment.ts";
import { WalWriter } from "../wal/writer.ts";
import type { Head } from "./head.ts";
import { logAnew } from "./log-anew.ts";
import { OutOfOrderLog } from "./out-of-order-log.ts";
import { OutOfOrderReplay } from "./out-of-order-replay.ts";
import { readLog } from "./read-log.ts";
import type { Replay } from "./replay.ts";
import type { StoredChunks } from "./stored-chunks.ts";

export interface OutOfOrderOptions {
  /** The folder wbl. */
  readonly dir: string;
  /** Where originals of damaged segments go. */
  readonly asideDir: string;
  readonly files: Files;
  readonly logger: Logger;
  readonly compression: WalCompression;
  readonly segmentBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The out-of-order window of a head and its log, which is made when the window is first opened. */
export class OutOfOrderWindow {
  readonly #head: Head;
  readonly #options: OutOfOrderOptions;
  /** What the log says of chunks is wrong. */
  #mustLogAnew = false;

  constructor(head: Head, options: OutOfOrderOptions) {
    this.#head = head;
    this.#options = options;
  }

  /** After the write-ahead log was replayed: puts back what the log of out-of-order samples holds. Returns corruptions. */
  async replay(replay: Replay, stored: StoredChunks): Promise<number> {
    const { dir, files, logger, asideDir, signal } = this.#options;
    if (listSegments(dir, files).length === 0) return 0;
    const late = new OutOfOrderReplay(
      this.#head.outOfOrder,
      (ref) => {
        const row = replay.rowOf(ref);
        // The write-ahead log may have lost the series in a power cut: no other one must inherit these samples.
        if (row === 0) this.#head.memory.series.reserve(ref);
        return row;
      },
      (ref, chunk) => stored.loaded.lateChunk(ref, chunk),
    );
    const progress = { min: 0, max: 0, current: 0 };
    const reading = await readLog(dir, late, { logger, progress, asideDir, signal, files });
    // From a log with damage marks may be missing. A torn end tells of nothing that stands before it.
    if (reading.damaged === 0) this.#head.outOfOrder.keepMarked(late.marked, stored.loaded.newestOutOfOrder);
    this.#mustLogAnew = reading.damaged > 0 || late.missesChunks;
    this.#head.outOfOrder.finish();
    this.#head.outOfOrder.floatsAppended = 0;
    this.#head.outOfOrder.histogramsAppended = 0;
    return reading.corruptions + late.undecodable;
  }

  /** How far behind the newest sample a sample may come, ms; 0: not at all. Takes effect with the next transaction. */
  open(windowMs: number): void {
    const { outOfOrder } = this.#head;
    const { dir, files, compression, segmentBytes } = this.#options;
    if (outOfOrder.log === undefined && (windowMs > 0 || listSegments(dir, files).length > 0)) {
      const wal = new WalWriter(dir, { compression, files, ...(segmentBytes === undefined ? {} : { segmentBytes }) });
      outOfOrder.log = new OutOfOrderLog(wal, this.#head.encodings.withStarts);
    }
    outOfOrder.windowMs = windowMs;
  }

  /**
   * Once both logs are open: where marks of the log are missing, or name chunks that are not there, all samples are
   * logged anew, without marks. Otherwise the next start would pass over samples, or chunks.
   */
  async mend(): Promise<void> {
    const { log } = this.#head.outOfOrder;
    if (!this.#mustLogAnew || log === undefined) return;
    try {
      // Under references that no record names yet they would belong to nobody.
      this.#head.logNewSeries();
      await this.#head.log?.wal.sync();
      await logAnew(this.#head.memory, log);
      this.#mustLogAnew = false;
    } catch (cause) {
      this.#options.logger.warn("out-of-order samples could not be logged anew: a start may not find all of them", {
        dir: this.#options.dir,
        err: cause,
      });
    }
  }

  async close(): Promise<void> {
    await this.#head.outOfOrder.log?.wal.close();
  }
}
