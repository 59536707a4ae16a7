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

/** A job whose series come and go at a threshold is told of once: it has to fall this far below to be back. */
const RETURN_SHARE = 0.95;

type BudgetState = "within" | "near" | "over";

/**
 * `series_budget`: how many series the targets of a job may have together. It says so once when few are left and once when
 * none is, and lets no new ones in then if it is told to cut. Without one it only counts.
 */
export class SeriesBudget {
  readonly tally = new SeriesTally();
  readonly #job: string;
  readonly #environment: Environment;
  #settings: SeriesBudgetConfig | undefined;
  #state: BudgetState = "within";
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
      this.#state = "within";
      this.#show(undefined);
    }
    this.check(0);
  }

  /** A series that is new has no place. */
  get isFull(): boolean {
    const settings = this.#settings;
    return settings !== undefined && settings.action === "cut" && this.tally.resolved >= settings.series;
  }

  /** After a scrape, which left out some samples: says how the budget stands where that is another way than before. */
  check(cutSamples: number): void {
    const settings = this.#settings;
    if (settings === undefined) return;
    this.#cutSamples += cutSamples;
    const state = this.#nextState(settings);
    if (state === this.#state) return;
    this.#state = state;
    this.#tell(settings);
  }

  /** How it stands; undefined where there is none. */
  reading(): BudgetReading | undefined {
    if (this.#settings === undefined) return undefined;
    const { resolved: series, cut: cutSeries } = this.tally;
    return { job: this.#job, budget: this.#settings.series, series, cutSeries, cutSamples: this.#cutSamples };
  }

  #nextState({ series, warnShare }: SeriesBudgetConfig): BudgetState {
    const exposed = this.tally.resolved + this.tally.cut;
    if (exposed > series * (this.#state === "over" ? RETURN_SHARE : 1)) return "over";
    return exposed >= series * warnShare * (this.#state === "within" ? 1 : RETURN_SHARE) ? "near" : "within";
  }

  #tell({ series: budget, action }: SeriesBudgetConfig): void {
    const logger = this.#environment.logger.child({ scrape_pool: this.#job });
    const { resolved: series, cut } = this.tally;
    const job = `Scrape job ${quote(this.#job)}`;
    if (this.#state === "within") {
      logger.info("Scrape job is within its budget of series again", { series, budget });
      this.#show(undefined);
    } else if (this.#state === "near") {
      logger.warn("Scrape job comes near its budget of series", { series, budget });
      this.#show(`${job} comes near its budget of ${budget} series.`);
    } else if (action === "warn") {
      logger.warn("Scrape job is over its budget of series", { series, budget });
      this.#show(`${job} is over its budget of ${budget} series.`);
    } else {
      logger.warn("Scrape job is over its budget of series, new ones are left out", { series, cut, budget });
      this.#show(`${job} is over its budget of ${budget} series. New ones are left out.`);
    }
  }

  #show(notice: string | undefined): void {
    const { notices } = this.#environment;
    if (this.#notice !== undefined) notices?.remove(this.#notice);
    this.#notice = notice;
    if (notice !== undefined) notices?.add(notice);
  }
}
