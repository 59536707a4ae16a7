import type { SeriesRow } from "../memory/series-rows.ts";
import type { CommitLog } from "./commit-log.ts";
import type { LoggedSeries } from "./logged-series.ts";

/** New series are logged when there are this many, even within one transaction: two or three milliseconds of work. */
const SERIES_AT_ONCE = 1024;

/** Series that no log record names yet. */
export class UnloggedSeries {
  readonly #table: LoggedSeries;
  readonly #log: () => CommitLog | undefined;
  readonly #logged: (rows: readonly SeriesRow[]) => void;
  readonly #rows: SeriesRow[] = [];

  /**
   * @param log returns the log; undefined during its replay
   * @param logged receives the rows that are in the log
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

  /** Adds a series, which a later series or else the next commit or rollback logs. */
  add(row: SeriesRow): void {
    // If the log fails there are more series from then on, and the next commit tries again.
    if (this.#rows.push(row) === SERIES_AT_ONCE) this.tryLog();
  }

  /** Does the same as log(), but if that fails the series wait for the next commit, which reports the failing disk. */
  tryLog(): void {
    try {
      this.log();
    } catch {
      // The commit reports the error.
    }
  }

  /**
   * Logs the series except those that were removed, in pieces: on a full disk an attempt costs one piece, whatever the
   * number of series. Throws the system's error; the series that are not in the file wait.
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
