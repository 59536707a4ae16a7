import { WRITE_HEADERS, writeRequest } from "./write-request.ts";
import { pause } from "./program.ts";

/** Time in ms for which a request to an unavailable program is repeated. */
const PATIENCE_MS = 120_000;
const SERIES_PER_REQUEST = 2000;

/**
 * Generates the samples that are sent through a chain of programs: one for each series and second. The value of a
 * sample is computed from the series number and the time.
 */
export class ChainSeries {
  readonly series: number;
  readonly rounds: number;
  /** Time of the first samples, ms; a whole second. */
  begin = 0;

  constructor(series: number, rounds: number) {
    this.series = series;
    this.rounds = rounds;
  }

  /** Sets the time of the first samples to now. */
  startNow(): void {
    this.begin = Math.ceil(Date.now() / 1000) * 1000;
  }

  /** Time of the last samples, ms. */
  get end(): number {
    return this.begin + (this.rounds - 1) * 1000;
  }

  /** Returns the round number of a sample time. The result is not an integer if no sample has that time. */
  roundAt(time: number): number {
    return (time - this.begin) / 1000;
  }

  valueOf(series: number, time: number): number {
    return series + (time % 100_000);
  }

  /** Sends all samples of one round. Repeats each request until the server accepts it. */
  async feed(base: string, round: number): Promise<void> {
    const time = this.begin + round * 1000;
    for (let first = 0; first < this.series; first += SERIES_PER_REQUEST) {
      const series = Math.min(SERIES_PER_REQUEST, this.series - first);
      await untilTaken(base, Uint8Array.from(writeRequest({ sender: 0, first, series, time })));
      await pause(0);
    }
  }
}

/** Returns the number of a series from its unique label `path`. */
export const seriesOfPath = (path: string): number => Number(path.slice(path.lastIndexOf("/") + 1));

async function untilTaken(base: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    let why: string;
    try {
      const answer = await fetch(`${base}/api/v1/write`, { method: "POST", headers: WRITE_HEADERS, body });
      why = `status ${answer.status}: ${await answer.text()}`;
      if (answer.ok) return;
      if (answer.status < 500) throw new RefusedError(why);
    } catch (error) {
      if (error instanceof RefusedError) throw error;
      why = String(error);
    }
    if (performance.now() > until) throw new Error(`${base} takes nothing: ${why}`);
    await pause(100);
  }
}

/** Thrown if the server rejected or misinterpreted a sample. */
class RefusedError extends Error {}
