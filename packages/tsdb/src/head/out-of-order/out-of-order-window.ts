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
  /** The folder wbl. */
  readonly dir: string;
  /** Folder for the originals of damaged segments. */
  readonly asideDir: string;
  readonly files: Files;
  readonly logger: Logger;
  readonly compression: WalCompression;
  readonly segmentBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Removes segments of the log. */
  readonly removeLater?: RemoveLater | undefined;
}

/** The out-of-order window of a head and its log, which is created when the window is first opened. */
export class OutOfOrderWindow {
  readonly #head: Head;
  readonly #options: OutOfOrderOptions;
  /** Whether the log's markers do not match the chunks. */
  #mustRewriteLog = false;

  constructor(head: Head, options: OutOfOrderOptions) {
    this.#head = head;
    this.#options = options;
  }

  /**
   * Restores the content of the log of out-of-order samples, after the replay of the write-ahead log. Returns the
   * number of corruptions.
   * @param onLoss called before the log is repaired
   */
  async replay(replay: Replay, stored: StoredChunks, onLoss: () => void): Promise<number> {
    const { dir, files, logger, asideDir, signal } = this.#options;
    if (listSegments(dir, files).length === 0) return 0;
    const outOfOrderReplay = new OutOfOrderReplay(
      this.#head.outOfOrder,
      (ref) => {
        const row = replay.rowOf(ref);
        // The write-ahead log may have lost the series in a power cut: its reference is reserved, so that no other
        // series gets these samples.
        if (row === 0) this.#head.memory.series.reserve(ref);
        return row;
      },
      stored.loaded,
    );
    const progress = { min: 0, max: 0, current: 0 };
    const reading = await readLog(dir, outOfOrderReplay, { logger, progress, asideDir, signal, files, onLoss });
    // A damaged log may lack markers of chunks. A torn end does not concern the records before it.
    if (reading.damaged > 0) outOfOrderReplay.takeRest();
    // Samples that found no room are only in the log.
    this.#mustRewriteLog =
      (reading.damaged > 0 || outOfOrderReplay.missesChunks) && this.#head.memory.capacity.hasReserve;
    this.#head.outOfOrder.finish();
    this.#head.outOfOrder.floatsAppended = 0;
    this.#head.outOfOrder.histogramsAppended = 0;
    return reading.corruptions + outOfOrderReplay.undecodable;
  }

  /**
   * Sets how much older than the newest sample a sample may be, ms; 0: no out-of-order samples. Takes effect with the
   * next transaction.
   */
  open(windowMs: number): void {
    void this.prepare(windowMs).apply();
  }

  /** Prepares another window: creates the log if none exists. Throws the system's error if that fails. */
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
   * Logs all samples again, without markers, if markers of the log are missing or name chunks that do not exist.
   * Otherwise the next start would skip samples or chunks. Call it after both logs are open.
   */
  async repair(): Promise<void> {
    const { log } = this.#head.outOfOrder;
    if (!this.#mustRewriteLog || log === undefined) return;
    try {
      // A start would drop samples with references that no record names yet.
      this.#head.logNewSeries();
      await this.#head.log?.wal.sync();
      await rewriteOutOfOrderLog(this.#head.memory, log);
      this.#mustRewriteLog = false;
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
