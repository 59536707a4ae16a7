import { WRITE_HEADERS, writeRequest } from "./write-request.ts";
import { pause } from "./program.ts";

/** How long a request is offered to a program that is away. */
const PATIENCE_MS = 120_000;
const SERIES_PER_REQUEST = 2000;

/** The samples that go through a chain: each second one of each series, whose number and time say its value. */
export class ChainSeries {
  readonly series: number;
  readonly rounds: number;
  /** Of the first samples: a whole second, ms. */
  begin = 0;

  constructor(series: number, rounds: number) {
    this.series = series;
    this.rounds = rounds;
  }

  /** The first samples have the time that it is. */
  startNow(): void {
    this.begin = Math.ceil(Date.now() / 1000) * 1000;
  }

  /** Of the last samples, ms. */
  get end(): number {
    return this.begin + (this.rounds - 1) * 1000;
  }

  /** The round that a time belongs to; not a whole number where no sample has that time. */
  roundAt(time: number): number {
    return (time - this.begin) / 1000;
  }

  valueOf(series: number, time: number): number {
    return series + (time % 100_000);
  }

  /** Sends a round, in requests that are repeated until they are taken. */
  async feed(base: string, round: number): Promise<void> {
    const time = this.begin + round * 1000;
    for (let first = 0; first < this.series; first += SERIES_PER_REQUEST) {
      const series = Math.min(SERIES_PER_REQUEST, this.series - first);
      await untilTaken(base, Uint8Array.from(writeRequest({ sender: 0, first, series, time })));
      await pause(0);
    }
  }
}

/** The number of a series by its path, which no other has. */
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

/** A sample was not taken for what it is. */
class RefusedError extends Error {}
