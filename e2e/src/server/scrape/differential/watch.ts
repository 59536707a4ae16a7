import { setTimeout as pause } from "node:timers/promises";
import type { Running } from "../../../support/running.ts";
import type { Served } from "../../../support/serving.ts";

interface TargetRow {
  readonly labels: Readonly<Record<string, string>>;
  readonly lastError: string;
  readonly lastScrape: string;
  readonly health: string;
}

const POLL_MS = 150;

/** Polls a server's API for the results of its targets' last scrapes. */
export class TargetWatch implements AsyncDisposable {
  readonly errors = new Map<string, Map<number, string>>();
  readonly #base: string;
  readonly #running: Running;
  #stopped = false;
  readonly #done: Promise<void>;

  constructor({ base, running }: Served) {
    this.#base = base;
    this.#running = running;
    this.#done = this.#run();
    // Prevents an unhandled rejection. The dispose method awaits #done and throws its error.
    this.#done.catch(() => undefined);
  }

  /** Stops polling the server. */
  stop(): void {
    this.#stopped = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.#done;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const fault = await this.#poll().then(
        () => undefined,
        (error: Error) => error,
      );
      await pause(POLL_MS);
      // Errors are ignored after the server has ended, because its owner reports the end.
      if (fault !== undefined && !this.#stopped && !this.#running.hasEnded) throw fault;
    }
  }

  async #poll(): Promise<void> {
    const answer = (await jsonOf(`${this.#base}/api/v1/targets?state=active`)) as { activeTargets: TargetRow[] };
    for (const { labels, lastError, lastScrape, health } of answer.activeTargets) {
      const target = labels["ep"];
      if (target === undefined || health === "unknown") continue;
      let seen = this.errors.get(target);
      if (seen === undefined) this.errors.set(target, (seen = new Map()));
      seen.set(Math.floor(Date.parse(lastScrape)), neutral(lastError));
    }
  }
}

/** Removes details from a scrape error that differ between the two servers, such as random ports. */
export const neutral = (text: string): string =>
  text
    .replaceAll("/theirs/", "/ours/")
    .replace(/\d+\.\d+\.\d+\.\d+:\d+->/g, "*->")
    // The position of the decoder is removed from the error, and a repeated error counts once.
    .replace(/flate: corrupt input.*/, "flate: corrupt input")
    .replace(/(?:proto|clientpb): .*|^unexpected EOF$/, "no such message")
    .replace(/(\b(\w+)="[^"]*"), \2="[^"]*"/g, "$1")
    // Removes the step of the request at which the timeout happened, because the step is random.
    .replace(/Get "[^"]*": (?=context deadline)/, "");

/** Resolves with the field `data` of an API answer. */
async function jsonOf(url: string): Promise<unknown> {
  const response = await fetch(url);
  const answer = (await response.json()) as { status: string; data: unknown; error?: string };
  if (answer.status !== "success") throw new Error(`${url}: ${answer.error}`);
  return answer.data;
}

interface ExemplarRow {
  readonly seriesLabels: Readonly<Record<string, string>>;
  readonly exemplars: readonly { readonly labels: unknown; readonly value: string; readonly timestamp: number }[];
}

/** Resolves with the exemplars of each target by series, as texts `ms value labels`. */
export async function exemplarsOf(base: string, now: number): Promise<Map<string, Map<string, string[]>>> {
  const query = new URLSearchParams({
    query: '{ep=~".+"}',
    start: String(now / 1000 - 3600),
    end: String(now / 1000 + 7200),
  });
  const rows = (await jsonOf(`${base}/api/v1/query_exemplars?${query.toString()}`)) as ExemplarRow[];
  const out = new Map<string, Map<string, string[]>>();
  for (const { seriesLabels, exemplars } of rows) {
    const target = seriesLabels["ep"] ?? "";
    if (!out.has(target)) out.set(target, new Map());
    const name = JSON.stringify(Object.entries(seriesLabels).toSorted());
    out.get(target)!.set(
      name,
      exemplars.map(
        ({ labels, value, timestamp }) => `${Math.round(timestamp * 1000)} ${value} ${JSON.stringify(labels)}`,
      ),
    );
  }
  return out;
}

/** Resolves with the metadata of each target, as sorted texts. */
export async function metadataOf(base: string): Promise<Map<string, string[]>> {
  const rows = (await jsonOf(`${base}/api/v1/targets/metadata`)) as {
    target: Record<string, string>;
    metric: string;
    type: string;
    help: string;
    unit: string;
  }[];
  const out = new Map<string, string[]>();
  for (const { target, metric, type, help, unit } of rows) {
    const of = target["ep"] ?? "";
    if (!out.has(of)) out.set(of, []);
    out.get(of)!.push(`${metric} ${type} ${JSON.stringify(help)} ${unit}`);
  }
  for (const list of out.values()) list.sort();
  return out;
}

/** Resolves with the server's own scrape counters, by name. */
export async function countersOf(base: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${base}/metrics`)).text();
  const out = new Map<string, number>();
  for (const [, name, value] of text.matchAll(/^(prometheus_target_scrape\w*_total) (\S+)$/gm)) {
    // Counters of duplicate and out-of-order samples are excluded, because the two servers count duplicates within one
    // scrape differently.
    if (!/duplicate_timestamp|out_of_order/.test(name!)) out.set(name!, Number(value));
  }
  return out;
}
