import { WRITE_HEADERS, writeRequest } from "./write-request.ts";

const SERIES = 200;
/**
 * Age of late samples in ms, relative to the newest sample of their series. With this age, all samples have different
 * times.
 */
const LATE_MS = 599_500;

/** Sender numbers of the requests; each sender has its own series. */
const IN_ORDER = 0;
const LATE = 1;
const DOOMED = 2;

interface Request {
  readonly sender: number;
  readonly time: number;
}

/**
 * Writes each second to series of three senders: samples in order, samples that may be late, and samples that are
 * deleted repeatedly. Repeats each request until the server answers, so every sample must be stored at the end.
 */
export class LifeWriter {
  /** Number of accepted requests of each sender. */
  readonly #accepted = [0, 0, 0];
  #pending: readonly Request[] = [];
  #refused = 0;
  /** Time of the newest samples, ms since 1970. */
  #newest = 0;
  #deletedUntil = 0;

  /** Number of samples that must be stored: all that were accepted and not deleted. */
  get accepted(): number {
    return (this.#accepted[IN_ORDER]! + this.#accepted[LATE]!) * SERIES;
  }

  /** Number of requests that the server refused because of their content. */
  get refused(): number {
    return this.#refused;
  }

  /** Sends pending requests and the requests of this second. Requests without an answer stay pending. */
  async send(base: string): Promise<void> {
    // Every request of a sender has another time, even if several are sent within one second.
    const now = Math.max(Math.floor(Date.now() / 1000) * 1000, this.#newest + 1000);
    this.#newest = now;
    const requests = [
      ...this.#pending,
      { sender: IN_ORDER, time: now },
      { sender: LATE, time: now },
      { sender: LATE, time: now - LATE_MS },
      { sender: DOOMED, time: now },
    ];
    const unanswered: Request[] = [];
    for (const request of requests) {
      // Queues a request after earlier unanswered requests, so that requests keep their order.
      if (unanswered.length > 0 || !(await this.#post(base, request))) unanswered.push(request);
    }
    this.#pending = unanswered;
  }

  /** Deletes all samples of the sender whose samples are deleted repeatedly. */
  async deleteDoomed(base: string): Promise<void> {
    if (this.#pending.length > 0) return;
    const end = this.#newest;
    const words = new URLSearchParams({ "match[]": seriesOf(DOOMED), start: "0", end: String(end / 1000) });
    const response = await fetch(`${base}/api/v1/admin/tsdb/delete_series?${words.toString()}`, { method: "POST" });
    if (!response.ok) throw new Error(`delete_series: ${response.status} ${await response.text()}`);
    this.#deletedUntil = end;
  }

  /** Counts accepted samples that are missing, and deleted samples that are still stored. */
  async check(base: string, beganS: number): Promise<{ readonly lost: number; readonly returned: number }> {
    while (this.#pending.length > 0) await this.send(base);
    const endMs = this.#newest;
    const there = (await count(base, IN_ORDER, endMs, beganS)) + (await count(base, LATE, endMs, beganS));
    const returned = this.#deletedUntil === 0 ? 0 : await count(base, DOOMED, this.#deletedUntil, beganS);
    return { lost: this.accepted - there, returned };
  }

  /** Sends one remote write request. Returns false if the server did not answer or answered with a 5xx status. */
  async #post(base: string, { sender, time }: Request): Promise<boolean> {
    const body = Uint8Array.from(writeRequest({ sender, first: 0, series: SERIES, time }));
    const status = await fetch(`${base}/api/v1/write`, { method: "POST", headers: WRITE_HEADERS, body }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => 503,
    );
    if (status >= 500) return false;
    if (status >= 300) this.#refused++;
    else this.#accepted[sender]!++;
    return true;
  }
}

const seriesOf = (sender: number): string => `{instance="10.0.${sender}.17:9100"}`;

/** Returns the number of stored samples of a sender until `endMs`. */
async function count(base: string, sender: number, endMs: number, beganS: number): Promise<number> {
  const range = Math.ceil(endMs - beganS * 1000 + 2 * LATE_MS);
  const query = `sum(count_over_time(${seriesOf(sender)}[${range}ms]))`;
  const words = new URLSearchParams({ query, time: String(endMs / 1000) });
  const { data } = (await (await fetch(`${base}/api/v1/query?${words.toString()}`)).json()) as {
    readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
  };
  return Number(data.result[0]?.value[1] ?? 0);
}
