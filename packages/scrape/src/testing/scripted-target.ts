import { Readable } from "node:stream";
import { parsePrometheusConfig, type PrometheusConfig } from "@narthex/config";
import { type HttpClient, type HttpRequest, SelfMetrics } from "@narthex/http";
import { isStaleAt, Labels } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { MemoryStorage } from "@narthex/storage/testing";
import { ScrapeManager, type ScrapeManagerOptions } from "../manager.ts";

/** A response of a simulated target: a body in text format 0.0.4, or an object with more details. */
export type Answer =
  | string
  | Error
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string | Uint8Array;
    };

/**
 * A scrape manager with an in-memory storage, simulated targets whose responses the test sets, and a clock that the
 * test advances.
 */
export class ScriptedScrape {
  readonly clock = new ManualClock(1_700_000_000_000);
  readonly storage = new MemoryStorage();
  readonly logger = memoryLogger();
  readonly self = new SelfMetrics();
  /** Responses of the simulated targets by URL. Connections to other URLs are refused. */
  readonly answers = new Map<string, Answer>();
  readonly requests: { readonly url: string; readonly options: HttpRequest }[] = [];
  /** If set, targets respond only after this promise has resolved. */
  holding: Promise<void> | undefined;
  readonly manager: ScrapeManager;
  #config: PrometheusConfig | undefined;

  constructor(options: Partial<ScrapeManagerOptions> = {}) {
    const client: HttpClient = {
      request: (url, request = {}) => this.#answer(url, request),
      close: () => Promise.resolve(),
    };
    this.manager = new ScrapeManager({
      appendable: this.storage,
      clock: this.clock,
      logger: this.logger,
      self: this.self,
      userAgent: "Prometheus/3.14.0",
      hostname: "host",
      connect: () => Promise.resolve(client),
      ...options,
    });
  }

  /** Applies the text of a prometheus.yml, including its static targets. */
  async apply(yaml: string): Promise<void> {
    const parsed = parsePrometheusConfig(yaml, "prometheus.yml", {}, () => undefined);
    if (!parsed.ok) throw new Error(parsed.problems.map((problem) => problem.message).join("; "));
    this.#config = parsed.value;
    await (await this.manager.prepare(parsed.value)).apply();
    this.retarget();
  }

  /** Passes the static targets of the configuration to the manager, as service discovery would. */
  retarget(): void {
    const sets = this.#config!.scrapeConfigs.map(
      (job) =>
        [
          job.jobName,
          job.staticConfigs.map(({ targets, labels }, i) => ({
            source: String(i),
            targets: targets.map((address) => Labels.of({ __address__: address })),
            labels,
          })),
        ] as const,
    );
    this.manager.setTargets(new Map(sets));
  }

  /**
   * Returns the stored samples by series, as `seconds value`, or `seconds stale` for stale markers. Report series are
   * included only with `reports`.
   */
  stored(reports = false): Record<string, string[]> {
    const out: Record<string, string[]> = {};
    for (const { labels, samples } of this.storage.series.values()) {
      const name = labels.get("__name__");
      if (!reports && (name === "up" || name.startsWith("scrape_"))) continue;
      if (name === "scrape_duration_seconds") continue;
      const rows: string[] = [];
      for (let i = 0; i < samples.count; i++) {
        const seconds = (samples.timestamps[i]! - 1_700_000_000_000) / 1000;
        const histogram = samples.histograms?.[i];
        const value = isStaleAt(samples.valueWords, i) ? "stale" : String(samples.values[i]);
        rows.push(`${seconds} ${histogram === undefined ? value : `h${histogram.count}`}`);
      }
      if (rows.length > 0) out[name + labels.without("__name__").toString()] = rows;
    }
    return out;
  }

  /** Returns the last value of each report series of the only target. */
  report(): Record<string, number> {
    const out: Record<string, number> = {};
    for (const { labels, samples } of this.storage.series.values()) {
      const name = labels.get("__name__");
      if (name === "up" || name.startsWith("scrape_")) out[name] = samples.values[samples.count - 1]!;
    }
    return out;
  }

  /** Returns the value of a self metric without labels. */
  async counter(name: string): Promise<number> {
    const families = await this.self.families();
    return families.find((family) => family.name === name)?.samples[0]?.value ?? NaN;
  }

  async #answer(url: string, options: HttpRequest): ReturnType<HttpClient["request"]> {
    this.requests.push({ url, options });
    await this.holding;
    const answer = this.answers.get(url);
    if (answer === undefined) {
      const refused = { code: "ECONNREFUSED", address: "127.0.0.1", port: 1 };
      return Promise.reject(Object.assign(new Error("connect"), refused));
    }
    if (answer instanceof Error) return Promise.reject(answer);
    const {
      status = 200,
      headers = { "content-type": "text/plain" },
      body,
    } = typeof answer === "string" ? { body: answer } : answer;
    const stream = Readable.from([Buffer.from(body)]);
    return Promise.resolve({ statusCode: status, headers, body: stream } as unknown as Awaited<
      ReturnType<HttpClient["request"]>
    >);
  }
}
