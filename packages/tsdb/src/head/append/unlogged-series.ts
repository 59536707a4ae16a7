import type { SeriesRow } from "../memory/series-rows.ts";
import type { CommitLog } from "./commit-log.ts";
import type { LoggedSeries } from "./logged-series.ts";

/**
 * Number of new series that one write to the log contains. Such a write takes two or three milliseconds. The limit also
 * applies within a transaction.
 */
const SERIES_AT_ONCE = 1024;

/** New series of the head that are not in the log yet. */
export class UnloggedSeries {
  readonly #table: LoggedSeries;
  readonly #log: () => CommitLog | undefined;
  readonly #logged: (rows: readonly SeriesRow[]) => void;
  readonly #rows: SeriesRow[] = [];

  /**
   * @param log returns the log; undefined during the replay of the log
   * @param logged receives the rows of series after they were logged
   */
  constructor(
    table: LoggedSeries,
    log: () => CommitLog | undefined,
    logged: (rows: readonly SeriesRow[]) => void = () => {},
  ) {
    this.#table = table;
    this.#log = log;
    this.#logged = logged;
  }

  /** Adds a series. The series is logged when SERIES_AT_ONCE series wait, or with the next commit or rollback. */
  add(row: SeriesRow): void {
    // Tries the log once, when exactly this number of series waits. If the log fails, the next commit tries again.
    if (this.#rows.push(row) === SERIES_AT_ONCE) this.tryLog();
  }

  /**
   * Logs the series as log() does, but ignores an error. The series then wait for the next commit, which reports the
   * error.
   */
  tryLog(): void {
    try {
      this.log();
    } catch {
      // Ignores the error, because the next commit also tries to log the waiting series and reports an error.
    }
  }

  /**
   * Logs the new series, except removed ones, in writes of SERIES_AT_ONCE series. On a full disk an attempt makes only
   * one write, whatever the number of series. Throws the system's error. Series that were not written wait for the next
   * call.
   */
  log(): void {
    const log = this.#log();
    if (log === undefined) return;
    let done = 0;
    try {
      for (; done < this.#rows.length; done += SERIES_AT_ONCE) {
        const piece = this.#rows.slice(done, done + SERIES_AT_ONCE);
        const rows = piece.filter((row) => this.#table.at.ref[row] !== 0);
        log.atOnce(() => {
          log.series(this.#table, rows);
          log.flush();
        });
        this.#logged(rows);
      }
    } finally {
      this.#rows.splice(0, done);
    }
  }
}
