import { isDeepStrictEqual } from "node:util";
import type { ScrapeConfig, SeriesBudgetConfig } from "@narthex/config";
import { quote } from "@narthex/model";
import type { Logger } from "@narthex/runtime";
import { SeriesTally } from "../cache/series-tally.ts";
import type { BudgetReading } from "./budget-families.ts";

/** Shows and takes back messages to whoever looks at the UI. */
export interface BudgetNotices {
  add(text: string): void;
  remove(text: string): void;
}

interface Environment {
  readonly logger: Logger;
  readonly notices: BudgetNotices | undefined;
}

/** The log tells of a job whose series come and go at a threshold once: it has to fall this far below to be back. */
const RETURN_SHARE = 0.95;

type BudgetState = "within" | "near" | "over";

/**
 * `series_budget`: how many series the targets of a job may have together. The log says once that few are left and once that
 * none is, a notice as long as it is so, and no new ones come in then if it is told to cut. Without one it only counts.
 */
export class SeriesBudget {
  readonly tally = new SeriesTally();
  readonly #job: string;
  readonly #environment: Environment;
  #settings: SeriesBudgetConfig | undefined;
  /** As the log told it last. */
  #logged: BudgetState = "within";
  #notice: string | undefined;
  #cutSamples = 0;

  constructor({ jobName, seriesBudget }: ScrapeConfig, environment: Environment) {
    this.#job = jobName;
    this.#environment = environment;
    this.apply(seriesBudget);
  }

  /** Works by another configuration from now on. */
  apply(settings: SeriesBudgetConfig | undefined): void {
    if (!isDeepStrictEqual(settings, this.#settings)) {
      this.#settings = settings;
      this.#logged = "within";
      this.#show(undefined);
    }
    this.check(0);
  }

  /** The job has one. */
  get isSet(): boolean {
    return this.#settings !== undefined;
  }

  /** A series that is new has no place. */
  get isFull(): boolean {
    const settings = this.#settings;
    return settings !== undefined && settings.action === "cut" && this.tally.resolved >= settings.series;
  }

  /** After a scrape, which left out some samples: says how the budget stands if that is another way than before. */
  check(cutSamples: number): void {
    const settings = this.#settings;
    if (settings === undefined) return;
    this.#cutSamples += cutSamples;
    this.#show(this.#noticeOf(this.#stateAfter("within", settings), settings));
    const state = this.#stateAfter(this.#logged, settings);
    if (state === this.#logged) return;
    this.#logged = state;
    this.#log(settings);
  }

  /** How it stands, or undefined if there is none. */
  reading(): BudgetReading | undefined {
    if (this.#settings === undefined) return undefined;
    const { resolved: series, cut: cutSeries } = this.tally;
    return { job: this.#job, budget: this.#settings.series, series, cutSeries, cutSamples: this.#cutSamples };
  }

  /** How the budget stands, for one who was told `before`. */
  #stateAfter(before: BudgetState, { series, warnShare }: SeriesBudgetConfig): BudgetState {
    const exposed = this.tally.resolved + this.tally.cut;
    if (exposed > series * (before === "over" ? RETURN_SHARE : 1)) return "over";
    return exposed >= series * warnShare * (before === "within" ? 1 : RETURN_SHARE) ? "near" : "within";
  }

  #noticeOf(state: BudgetState, { series: budget, action }: SeriesBudgetConfig): string | undefined {
    if (state === "within") return undefined;
    const job = `Scrape job ${quote(this.#job)}`;
    if (state === "near") return `${job} comes near its budget of ${budget} series.`;
    return `${job} is over its budget of ${budget} series.${action === "cut" ? " New ones are left out." : ""}`;
  }

  #log({ series: budget, action }: SeriesBudgetConfig): void {
    const logger = this.#environment.logger.child({ scrape_pool: this.#job });
    const { resolved: series, cut } = this.tally;
    if (this.#logged === "within") logger.info("Scrape job is within its budget of series again", { series, budget });
    else if (this.#logged === "near") logger.warn("Scrape job comes near its budget of series", { series, budget });
    else if (action === "warn") logger.warn("Scrape job is over its budget of series", { series, budget });
    else logger.warn("Scrape job is over its budget of series, new ones are left out", { series, cut, budget });
  }

  #show(notice: string | undefined): void {
    if (notice === this.#notice) return;
    const { notices } = this.#environment;
    if (this.#notice !== undefined) notices?.remove(this.#notice);
    this.#notice = notice;
    if (notice !== undefined) notices?.add(notice);
  }
}
