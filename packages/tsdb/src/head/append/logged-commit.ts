import { setImmediate } from "node:timers/promises";
import type { PackedRecord } from "../../wal/writer.ts";
import type { CommitLog } from "./commit-log.ts";
import type { UnloggedSeries } from "./unlogged-series.ts";

/**
 * Function that returns the steps of logging a transaction. Each step takes a few milliseconds. Records are collected
 * in `into` if it is given.
 */
export type LogSteps = (log: CommitLog, into?: PackedRecord[]) => Iterable<() => void>;

/**
 * Writes transactions to the log. The new series of a transaction are written before its samples. The records of a
 * transaction are written completely or not at all: otherwise the next start would use a partial record of a refused
 * commit instead of samples that were committed later.
 */
export class LoggedCommit {
  readonly #log: () => CommitLog | undefined;
  readonly #unlogged: UnloggedSeries;

  /** @param log returns the log; undefined during the replay of the log */
  constructor(log: () => CommitLog | undefined, unlogged: UnloggedSeries) {
    this.#log = log;
    this.#unlogged = unlogged;
  }

  /** Logs a whole transaction without yielding to other work. Throws the system's error. */
  atOnce(write: (log: CommitLog) => void): void {
    this.reporting(() => {
      this.#unlogged.log();
      const log = this.#log();
      log?.atOnce(() => {
        write(log);
        log.flush();
      });
    });
  }

  /**
   * Encodes a transaction in several turns of the event loop, and then logs it in one turn. Rejects with the system's
   * error.
   */
  async inSteps(steps: LogSteps): Promise<void> {
    const log = this.#log();
    const records: PackedRecord[] = [];
    for (const step of log === undefined ? [] : steps(log, records)) {
      step();
      await setImmediate();
    }
    this.reporting(() => {
      this.#unlogged.log();
      log?.atOnce(() => log.put(records));
    });
  }

  /**
   * Runs a function that writes the log. Reports once when the writes begin to fail, and once when they succeed again.
   */
  reporting(write: () => void): void {
    const log = this.#log();
    try {
      write();
      log?.succeeded();
    } catch (cause) {
      log?.failed(cause);
      throw cause;
    }
  }
}
