import type { SeriesRow } from "../memory/series-rows.ts";
import type { CommitLog } from "./commit-log.ts";
import type { LoggedSeries } from "./logged-series.ts";

/** New series are logged when they are so many, were they even of one transaction: two or three milliseconds of work. */
const SERIES_AT_ONCE = 1024;

/** Series that no log record names yet. */
export class UnloggedSeries {
  readonly #table: LoggedSeries;
  readonly #log: () => CommitLog | undefined;
  readonly #logged: (rows: readonly SeriesRow[]) => void;
  readonly #rows: SeriesRow[] = [];

  /** `log`: none while it is being replayed; `logged` is told of rows when the log has them. */
  constructor(
    table: LoggedSeries,
    log: () => CommitLog | undefined,
    logged: (rows: readonly SeriesRow[]) => void = () => {},
  ) {
    this.#table = table;
    this.#log = log;
    this.#logged = logged;
  }

  /** The next commit or rollback logs the series, if not a later series. */
  add(row: SeriesRow): void {
    // Where the log fails there are more from then on, and the next commit tries.
    if (this.#rows.push(row) === SERIES_AT_ONCE) this.tryLog();
  }

  /** As log(), but where that fails the series wait for the next commit, which will report the failing disk. */
  tryLog(): void {
    try {
      this.log();
    } catch {
      // The commit tells.
    }
  }

  /**
   * Logs the series, but for those that are gone. In pieces: where the disk is full, an attempt costs no more than one,
   * however many series there are. Throws the system's error; what is not in the file then waits on.
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
