import { ownProc } from "@narthex/collectors";
import { family, goMetrics, type MetricFamily, processFaults, processMetrics, sample } from "@narthex/exposition";

/** Returns the text of /proc/net/netstat, or undefined if the file is missing. */
const netstat = (): string | undefined => ownProc().value("net/netstat");

const CODES = ["200", "500", "503"] as const;

/** HTTP status of a response to a scrape. */
export type AnswerCode = (typeof CODES)[number];

/** Metrics of the exporter itself: process, runtime, and the scrapes as the Go client's handler counts them. */
export class OwnMetrics {
  readonly #sources: readonly (() => readonly MetricFamily[])[];
  readonly #served = new Map<AnswerCode, number>(CODES.map((code) => [code, 0]));
  #gatheringErrors = 0;
  #inFlight = 0;

  /**
   * @param startMs start of this process, ms since 1970
   * @param showsLoop true to show metrics of the event loop, which Prometheus' node exporter does not have
   */
  constructor(startMs: number, showsLoop: boolean) {
    this.#sources = [processMetrics(startMs, netstat), goMetrics(), () => processFaults([], { showsLoop })];
  }

  began(): void {
    this.#inFlight++;
  }

  ended(): void {
    this.#inFlight--;
  }

  answered(code: AnswerCode): void {
    this.#served.set(code, this.#served.get(code)! + 1);
    if (code === "500") this.#gatheringErrors++;
  }

  /** Counts a scrape from which metrics were left out because they contradicted other metrics. */
  conflicted(): void {
    this.#gatheringErrors++;
  }

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
