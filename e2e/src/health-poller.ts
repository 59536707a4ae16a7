import { Agent, get } from "node:http";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parentPort } from "node:worker_threads";
import { countingTarget } from "./counting-target.ts";

/** How long `/-/healthy` took while somebody listened. */
export interface HealthReport {
  /** ms of each request, those left out in which this thread itself was late. */
  readonly times: readonly number[];
  /** Requests that failed, or had another status than 200. */
  readonly failures: number;
}

const POLL_MS = 20;
/** A poller that the machine gave no time cannot say anything about the server. */
const OWN_DELAY_MS = 15;

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let times: number[] = [];
let failures = 0;

function healthy(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const request = get(url, { agent }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode));
    });
    request.once("error", () => resolve(undefined));
  });
}

async function poll(url: string): Promise<never> {
  const own = monitorEventLoopDelay({ resolution: 5 });
  own.enable();
  for (;;) {
    own.reset();
    const start = performance.now();
    const status = await healthy(url);
    const took = performance.now() - start;
    if (status !== 200) failures++;
    if (own.max / 1e6 < OWN_DELAY_MS) times.push(took);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

// The target to scrape lives here as well, where nothing else keeps it from answering in time.
parentPort!.postMessage((await countingTarget("scrapes_total", 100)).port);
// An address is polled from now on; any other message asks for what was seen since the last.
parentPort!.on("message", (message: string) => {
  if (message.startsWith("http:")) {
    void poll(message);
    return;
  }
  parentPort!.postMessage({ times, failures } satisfies HealthReport);
  times = [];
  failures = 0;
});
