import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { family, type FamilySample, type MetricFamily, writeProtobuf } from "@narthex/exposition";
import type { FloatHistogram } from "@narthex/model";
import { growing } from "../../support/growing-histogram.ts";

/**
 * A target that differs at each scrape. As text: counters with exemplars, values that XOR compresses badly, a series
 * that ends, and late samples with timestamps. As protobuf: native histograms whose buckets grow, reset and end.
 */
export class MovingTarget implements AsyncDisposable {
  readonly #server = createServer((request, response) => this.#answer(request.url ?? "/", response));
  readonly #scrapes = new Map<string, number>();

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  /** Number of scrapes of `/text` or `/native` so far. */
  scrapes(path: string): number {
    return this.#scrapes.get(path) ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(path: string, response: ServerResponse): void {
    const round = this.scrapes(path) + 1;
    this.#scrapes.set(path, round);
    if (path === "/native") {
      response.writeHead(200, {
        "content-type": "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
      });
      response.end(writeProtobuf(nativeFamilies(round)));
    } else if (path === "/late") {
      response.writeHead(200, { "content-type": "text/plain; version=0.0.4" });
      response.end(lateText(round));
    } else {
      response.writeHead(200, { "content-type": "application/openmetrics-text; version=1.0.0; charset=utf-8" });
      response.end(textOf(round));
    }
  }
}

function textOf(round: number): string {
  const lines = ["# TYPE requests counter", "# HELP requests Requests served."];
  for (let i = 0; i < 20; i++) {
    const exemplar = i < 3 ? ` # {trace_id="t${round}-${i}"} 0.${round % 10} ${(Date.now() / 1000).toFixed(3)}` : "";
    lines.push(
      `requests_total{handler="/api/${i}",code="${i % 2 === 0 ? 200 : 500}"} ${(round % 50) * (i + 1)}${exemplar}`,
    );
  }
  lines.push("# TYPE wave gauge");
  for (let i = 0; i < 5; i++) lines.push(`wave{phase="${i}",text="quote \\" slash \\\\ ü"} ${Math.sin(round + i)}`);
  // The series exists in two of three rounds, so that it ends and comes back.
  lines.push("# TYPE fleeting gauge");
  if (round % 15 < 10) lines.push(`fleeting ${round}`);
  lines.push("# TYPE odd gauge", 'odd{is="nan"} NaN', 'odd{is="inf"} +Inf', 'odd{is="small"} -1.5e-300', "# EOF");
  return `${lines.join("\n")}\n`;
}

/**
 * Formats samples with explicit timestamps: three scrapes forward in time, then one with a time between the last two.
 */
function lateText(round: number): string {
  const time = Date.now() - (round % 4 === 3 ? 300 : 0);
  return `late_total{of="all"} ${round} ${time}\nlate_total{of="some"} ${round * 2} ${time - (round % 8)}\n`;
}

const reading = (name: string, histogram: FloatHistogram): FamilySample => ({
  suffix: "",
  labels: ["of", name],
  value: 0,
  histogram,
});

function nativeFamilies(round: number): MetricFamily[] {
  const samples = [reading("growing", growing(round, true)), reading("float", growing(round, false))];
  if (round % 15 < 10) samples.push(reading("fleeting", growing(round % 15, true)));
  return [
    family("counter", "native_rounds_total", "Scrapes.", round),
    { name: "latency_seconds", help: "Latency.", type: "histogram", samples },
    {
      name: "queue_size",
      help: "Sizes now.",
      type: "gaugehistogram",
      samples: [reading("gauge", { ...growing(round % 7, true), resetHint: "gauge" })],
    },
  ];
}
