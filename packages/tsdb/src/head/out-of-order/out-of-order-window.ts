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
  /** Where originals of damaged segments go. */
  readonly asideDir: string;
  readonly files: Files;
  readonly logger: Logger;
  readonly compression: WalCompression;
  readonly segmentBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How segments of the log are removed. */
  readonly removeLater?: RemoveLater | undefined;
}

/** The out-of-order window of a head and its log, which is made when the window is first opened. */
export class OutOfOrderWindow {
  readonly #head: Head;
  readonly #options: OutOfOrderOptions;
  /** What the log says of chunks is wrong. */
  #mustRewriteLog = false;

  constructor(head: Head, options: OutOfOrderOptions) {
    this.#head = head;
    this.#options = options;
  }

  /**
   * After the write-ahead log was replayed: puts back what the log of out-of-order samples holds. Returns corruptions.
   * @param onLoss called before the log is mended
   */
  async replay(replay: Replay, stored: StoredChunks, onLoss: () => void): Promise<number> {
    const { dir, files, logger, asideDir, signal } = this.#options;
    if (listSegments(dir, files).length === 0) return 0;
    const outOfOrderReplay = new OutOfOrderReplay(
      this.#head.outOfOrder,
      (ref) => {
        const row = replay.rowOf(ref);
        // The write-ahead log may have lost the series in a power cut: no other one must inherit these samples.
        if (row === 0) this.#head.memory.series.reserve(ref);
        return row;
      },
      stored.loaded,
    );
    const progress = { min: 0, max: 0, current: 0 };
    const reading = await readLog(dir, outOfOrderReplay, { logger, progress, asideDir, signal, files, onLoss });
    // A log with damage may lack marks of chunks. A torn end says nothing about the records before it.
    if (reading.damaged > 0) outOfOrderReplay.takeRest();
    // What found no room is in the log alone.
    this.#mustRewriteLog =
      (reading.damaged > 0 || outOfOrderReplay.missesChunks) && this.#head.memory.capacity.hasReserve;
    this.#head.outOfOrder.finish();
    this.#head.outOfOrder.floatsAppended = 0;
    this.#head.outOfOrder.histogramsAppended = 0;
    return reading.corruptions + outOfOrderReplay.undecodable;
  }

  /** How far behind the newest sample a sample may come, ms; 0: not at all. Takes effect with the next transaction. */
  open(windowMs: number): void {
    void this.prepare(windowMs).apply();
  }

  /** Gets ready for another window: makes its log where there is none. Throws the system's error where it cannot be made. */
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
   * Once both logs are open: where marks of the log are missing, or name chunks that are not there, all samples are
   * logged anew, without marks. Otherwise the next start would pass over samples, or chunks.
   */
  async repair(): Promise<void> {
    const { log } = this.#head.outOfOrder;
    if (!this.#mustRewriteLog || log === undefined) return;
    try {
      // Under references that no record names yet they would belong to nobody.
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
