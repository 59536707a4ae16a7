import { isDeepStrictEqual } from "node:util";
import type { ScrapeConfig, SeriesBudgetConfig } from "@narthex/config";
import { quote } from "@narthex/model";
import type { Logger } from "@narthex/runtime";
import { SeriesTally } from "../cache/series-tally.ts";
import type { BudgetReading } from "./budget-families.ts";

/** Shows and removes notices in the UI. */
export interface BudgetNotices {
  add(text: string): void;
  remove(text: string): void;
}

interface Environment {
  readonly logger: Logger;
  readonly notices: BudgetNotices | undefined;
}

/**
 * Fraction of a threshold below which a job is within its budget again. Prevents repeated log lines for a job whose
 * number of series varies around the threshold.
 */
const RETURN_SHARE = 0.95;

type BudgetState = "within" | "near" | "over";

/**
 * The setting `series_budget` of a scrape job: the maximum number of series of all its targets. Log messages and a
 * notice report when the budget is nearly used and when it is used up. If the action is "cut", new series are refused
 * when the budget is used up. Without the setting, series are only counted.
 */
export class SeriesBudget {
  readonly tally = new SeriesTally();
  readonly #job: string;
  readonly #environment: Environment;
  #settings: SeriesBudgetConfig | undefined;
  #logged: BudgetState = "within";
  #notice: string | undefined;
  #cutSamples = 0;

  constructor({ jobName, seriesBudget }: ScrapeConfig, environment: Environment) {
    this.#job = jobName;
    this.#environment = environment;
    this.apply(seriesBudget);
  }

  apply(settings: SeriesBudgetConfig | undefined): void {
    if (!isDeepStrictEqual(settings, this.#settings)) {
      this.#settings = settings;
      this.#logged = "within";
      this.#show(undefined);
    }
    this.check(0);
  }

  /** True if the job has a budget. */
  get isSet(): boolean {
    return this.#settings !== undefined;
  }

  /** True if new series are refused: the action is "cut" and the job has as many series as its budget. */
  get isFull(): boolean {
    const settings = this.#settings;
    return settings !== undefined && settings.action === "cut" && this.tally.resolved >= settings.series;
  }

  /**
   * Updates the notice after a scrape with the number of omitted samples. Logs the budget's state if it has changed.
   */
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

  /** Returns the state of the budget, or undefined if the job has no budget. */
  reading(): BudgetReading | undefined {
    if (this.#settings === undefined) return undefined;
    const { resolved: series, cut: cutSeries } = this.tally;
    return { job: this.#job, budget: this.#settings.series, series, cutSeries, cutSamples: this.#cutSamples };
  }

  /**
   * Returns the current state of the job's budget. The result depends on the last logged state (`before`), because a
   * job leaves a state only clearly below its threshold.
   */
  #stateAfter(before: BudgetState, { series, warnShare }: SeriesBudgetConfig): BudgetState {
    const exposed = this.tally.resolved + this.tally.cut;
    if (exposed > series * (before === "over" ? RETURN_SHARE : 1)) return "over";
    return exposed >= series * warnShare * (before === "within" ? 1 : RETURN_SHARE) ? "near" : "within";
  }

  #noticeOf(state: BudgetState, { series: budget, action }: SeriesBudgetConfig): string | undefined {
    if (state === "within") return undefined;
    const job = `Scrape job ${quote(this.#job)}`;
    if (state === "near") return `${job} is near its budget of ${budget} series.`;
    return `${job} is over its budget of ${budget} series.${action === "cut" ? " New ones are left out." : ""}`;
  }

  #log({ series: budget, action }: SeriesBudgetConfig): void {
    const logger = this.#environment.logger.child({ scrape_pool: this.#job });
    const { resolved: series, cut } = this.tally;
    if (this.#logged === "within") logger.info("Scrape job is within its budget of series again", { series, budget });
    else if (this.#logged === "near") logger.warn("Scrape job is near its budget of series", { series, budget });
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
