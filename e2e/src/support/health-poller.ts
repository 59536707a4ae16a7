import { Agent, get } from "node:http";
import { parentPort } from "node:worker_threads";
import { setTimeout as pause } from "node:timers/promises";
import { countingTarget } from "./counting-target.ts";

export interface Polled {
  readonly url: string;
}

/** Statistics of the responses of `/-/healthy` since the last report. */
export interface HealthReport {
  readonly answers: number;
  /** Requests that failed, had a status other than 200, or got no answer in time. */
  readonly failures: number;
}

const POLL_MS = 20;
/**
 * Time in ms after which a server with a blocked event loop counts as hung. Linear work takes less than a second, even
 * on a busy machine; quadratic work takes minutes.
 */
const WATCHDOG_MS = 30_000;

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let answers = 0;
let failures = 0;

function healthy(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, { agent, signal: AbortSignal.timeout(WATCHDOG_MS) }, (response) => {
      response.resume().once("close", () => resolve(response.complete && response.statusCode === 200));
    });
    request.once("error", () => resolve(false));
  });
}

async function poll({ url }: Polled): Promise<never> {
  for (;;) {
    if (await healthy(url)) answers++;
    else failures++;
    await pause(POLL_MS);
  }
}

// The scrape target runs in this thread, because no other work delays its responses here.
parentPort!.postMessage((await countingTarget("scrapes_total", 100)).port);
// Handles messages: an object sets the URL to poll, the text "report" requests a report since the last report.
parentPort!.on("message", (message: Polled | "report") => {
  if (message !== "report") {
    void poll(message);
    return;
  }
  parentPort!.postMessage({ answers, failures } satisfies HealthReport);
  answers = 0;
  failures = 0;
});
