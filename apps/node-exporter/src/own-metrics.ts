import { family, goMetrics, type MetricFamily, processFaults, processMetrics, sample } from "@narthex/exposition";

const CODES = ["200", "500", "503"] as const;

/** How a scrape was answered. */
export type AnswerCode = (typeof CODES)[number];

/** What the exporter says about itself: process, runtime, and the scrapes as the Go client's handler counts them. */
export class OwnMetrics {
  readonly #sources: readonly (() => readonly MetricFamily[])[];
  readonly #served = new Map<AnswerCode, number>(CODES.map((code) => [code, 0]));
  #gatheringErrors = 0;
  #inFlight = 0;

  /**
   * @param startMs when this process began, ms since 1970
   * @param showsLoop show turns of the event loop, which the original does not have
   */
  constructor(startMs: number, showsLoop: boolean) {
    this.#sources = [processMetrics(startMs), goMetrics(), () => processFaults([], { showsLoop })];
  }

  /** A scrape is being served. */
  began(): void {
    this.#inFlight++;
  }

  /** It no longer is. */
  ended(): void {
    this.#inFlight--;
  }

  answered(code: AnswerCode): void {
    this.#served.set(code, this.#served.get(code)! + 1);
    if (code === "500") this.#gatheringErrors++;
  }

  /** With their series in order. */
  families(): readonly MetricFamily[] {
    const served = [...this.#served].map(([code, count]) => sample(count, ["code", code]));
    return [
      ...this.#sources.flatMap((source) => source()),
      family(
        "counter",
        "promhttp_metric_handler_requests_total",
        "Total number of scrapes by HTTP status code.",
        served,
      ),
      family(
        "counter",
        "promhttp_metric_handler_errors_total",
        "Total number of internal errors encountered by the promhttp metric handler.",
        [sample(0, ["cause", "encoding"]), sample(this.#gatheringErrors, ["cause", "gathering"])],
      ),
      family(
        "gauge",
        "promhttp_metric_handler_requests_in_flight",
        "Current number of scrapes being served.",
        this.#inFlight,
      ),
    ];
  }
}
