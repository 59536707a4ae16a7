import { createServer } from "node:http";
import { onLoopback } from "./loopback.ts";

/** A target whose `counter` changes at every scrape, with `series` constant rows of wide_metric. */
export async function countingTarget(counter: string, series: number): Promise<AsyncDisposable & { port: number }> {
  let scrapes = 0;
  const wide = Array.from({ length: series }, (_, i) => `wide_metric{i="${i}"} ${i}`).join("\n");
  const server = createServer((_request, response) => {
    scrapes++;
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4" });
    response.end(`# TYPE ${counter} counter\n${counter} ${scrapes}\n${wide}\n`);
  });
  return onLoopback(server);
}
