import type { Logger, PreparedChange } from "@narthex/runtime";
import type { Files, RemoveLater } from "../../files.ts";
import type { WalCompression } from "../../wal/compression.ts";
import { listSegments } from "../../wal/segment.ts";
import { WalWriter } from "../../wal/writer.ts";
import type { Head } from "../head.ts";
import { rewriteOutOfOrderLog } from "./rewrite-log.ts";
import { OutOfOrderLog } from "./out-of-order-log.ts";
import { OutOfOrderReplay } from "./out-of-order-replay.ts";
import { readLog } from "../replay/read-log.ts";
import type { Replay } from "../replay/replay.ts";
import type { StoredChunks } from "../chunk-files/stored-chunks.ts";

export interface OutOfOrderOptions {
  /** Path of the folder with the log of out-of-order samples (wbl). */
  readonly dir: string;
  /** Folder to which the damaged originals of repaired segments are moved. */
  readonly asideDir: string;
  readonly files: Files;
  readonly logger: Logger;
  readonly compression: WalCompression;
  readonly segmentBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Function that removes segments of the log, for instance on another thread. */
  readonly removeLater?: RemoveLater | undefined;
}

/**
 * The out-of-order window of a head, which limits how late samples may arrive. Creates the log of out-of-order samples
 * when the window is first opened.
 */
export class OutOfOrderWindow {
  readonly #head: Head;
  readonly #options: OutOfOrderOptions;
  /** Whether the chunk markers in the log do not match the existing chunks, so that the log must be rewritten. */
  #mustRewriteLog = false;

  constructor(head: Head, options: OutOfOrderOptions) {
    this.#head = head;
    this.#options = options;
  }

  /**
   * Restores the content of the log of out-of-order samples. Must be called after the replay of the write-ahead log.
   * Returns the number of corruptions.
   * @param onLoss called before the log is repaired
   */
  async replay(replay: Replay, stored: StoredChunks, onLoss: () => void): Promise<number> {
    const { dir, files, logger, asideDir, signal } = this.#options;
    if (listSegments(dir, files).length === 0) return 0;
    const outOfOrderReplay = new OutOfOrderReplay(
      this.#head.outOfOrder,
      (ref) => {
        const row = replay.rowOf(ref);
        // Reserves the reference of a series that is not in the write-ahead log, because a power cut may have removed
        // its record. A new series with this reference would get these samples.
        if (row === 0) this.#head.memory.series.reserve(ref);
        return row;
      },
      stored.loaded,
    );
    const progress = { min: 0, max: 0, current: 0 };
    const reading = await readLog(dir, outOfOrderReplay, { logger, progress, asideDir, signal, files, onLoss });
    // Adds chunks without a marker if the log is damaged in its middle, because markers may be lost. If only the end of
    // the log is torn, the records before it are complete.
    if (reading.damaged > 0) outOfOrderReplay.takeRest();
    // Does not rewrite the log if the head had no room for some samples, because the log is then the only copy of these
    // samples.
    this.#mustRewriteLog =
      (reading.damaged > 0 || outOfOrderReplay.missesChunks) && this.#head.memory.capacity.hasReserve;
    this.#head.outOfOrder.finish();
    this.#head.outOfOrder.floatsAppended = 0;
    this.#head.outOfOrder.histogramsAppended = 0;
    return reading.corruptions + outOfOrderReplay.undecodable;
  }

  /**
   * Sets the length of the window, ms: a sample may be this much older than the newest sample. 0 refuses all
   * out-of-order samples. Takes effect with the next transaction.
   */
  open(windowMs: number): void {
    void this.prepare(windowMs).apply();
  }

  /**
   * Prepares a change of the window's length: creates the log if none exists. Throws the system's error if that fails.
   */
  prepare(windowMs: number): PreparedChange {
    const { outOfOrder } = this.#head;
    const { dir, files, compression, segmentBytes, removeLater } = this.#options;
    let made: WalWriter | undefined;
    if (outOfOrder.log === undefined && (windowMs > 0 || listSegments(dir, files).length > 0))
      made = new WalWriter(dir, { compression, files, ...(segmentBytes === undefined ? {} : { segmentBytes }) });
    return {
      apply: () => {
        const { withStarts } = this.#head.encodings;
        if (made !== undefined) outOfOrder.log = new OutOfOrderLog(made, withStarts, removeLater);
        outOfOrder.windowMs = windowMs;
      },
      discard: () => made?.close(),
    };
  }

  /**
   * Repairs the log after a start. Call after both logs are open. If markers are missing or name chunks that do not
   * exist, logs all out-of-order samples a second time without markers. Otherwise the next start would skip samples or
   * chunks.
   */
  async repair(): Promise<void> {
    const { log } = this.#head.outOfOrder;
    if (!this.#mustRewriteLog || log === undefined) return;
    try {
      // Logs the series before their samples, because a start drops samples whose reference is in no series record.
      this.#head.logNewSeries();
      await this.#head.log?.wal.sync();
      await rewriteOutOfOrderLog(this.#head.memory, log);
      this.#mustRewriteLog = false;
    } catch (cause) {
      this.#options.logger.warn("out-of-order samples could not be logged again: some may be missing after a restart", {
        dir: this.#options.dir,
        err: cause,
      });
    }
  }

  async close(): Promise<void> {
    await this.#head.outOfOrder.log?.wal.close();
  }
}
