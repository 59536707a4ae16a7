import { readFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parentPort } from "node:worker_threads";
import { countingTarget } from "./counting-target.ts";

/** Whose health is asked for: the page, and the process that answers it. */
export interface Polled {
  readonly url: string;
  readonly pid: number;
}

/** What answers of `/-/healthy` waited for while somebody listened. */
export interface HealthReport {
  /**
   * Per request the CPU time of the process's main thread between asking and the answer, ms: the work that the answer
   * had to wait for, whatever else the machine did. Empty where the system does not tell (elsewhere than on Linux).
   */
  readonly waitedFor: readonly number[];
  /** Requests that failed, or had another status than 200. */
  readonly failures: number;
}

const POLL_MS = 20;
/** While this thread gets no time, the process goes on to other work that no answer waits for. */
const OWN_DELAY_MS = 15;

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let waitedFor: number[] = [];
let failures = 0;

function healthy(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const request = get(url, { agent }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode));
    });
    request.once("error", () => resolve(undefined));
  });
}

/** CPU time that a process's main thread has used so far, ms; NaN where nobody knows. */
function mainThreadCpu(pid: number): number {
  try {
    return Number(/^\d+/.exec(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "latin1"))?.[0]) / 1e6;
  } catch {
    return NaN;
  }
}

async function poll({ url, pid }: Polled): Promise<never> {
  const own = monitorEventLoopDelay({ resolution: 5 });
  own.enable();
  for (;;) {
    own.reset();
    const before = mainThreadCpu(pid);
    const status = await healthy(url);
    const used = mainThreadCpu(pid) - before;
    if (status !== 200) failures++;
    if (own.max / 1e6 < OWN_DELAY_MS && !Number.isNaN(used)) waitedFor.push(used);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

// The target to scrape lives here as well, where nothing else keeps it from answering in time.
parentPort!.postMessage((await countingTarget("scrapes_total", 100)).port);
// What is to be polled from now on; any other message asks for what was seen since the last.
parentPort!.on("message", (message: Polled | "report") => {
  if (message !== "report") {
    void poll(message);
    return;
  }
  parentPort!.postMessage({ waitedFor, failures } satisfies HealthReport);
  waitedFor = [];
  failures = 0;
});
