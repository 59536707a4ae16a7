import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { liveValue } from "./live-targets.ts";

/**
 * Process of the targets in bench/src/live-targets.ts. Arguments: the number of series of each target, and the number
 * of metrics. On a message, the process reports its port and the number of scrapes so far, or the served pages. Ends
 * with its parent.
 */
const DIGITS = "0000000000\n";
const KEPT_BODIES = 8;

const [series, metrics] = process.argv.slice(2).map(Number) as [number, number];
const text: string[] = [];
/** Numbers of the series, in the order in which the page lists the series. */
const order: number[] = [];
for (let metric = 0; metric < metrics; metric++) {
  text.push(`# TYPE live_${metric}_total counter\n`);
  for (let i = metric; i < series; i += metrics) {
    order.push(i);
    text.push(
      `live_${metric}_total{method="GET",handler="/api/v1/things/${i % 100}",zone="zone-${i % 3}",shard="${i}"} ${DIGITS}`,
    );
  }
}
const page = Buffer.from(text.join(""));
const slots: number[] = [];
for (let at = page.indexOf(DIGITS); at !== -1; at = page.indexOf(DIGITS, at + 1)) slots.push(at);

/**
 * Page bodies by scrape number. Targets with the same scrape number share one body, so that creating bodies costs
 * almost nothing.
 */
const bodies = new Map<number, Buffer>();
const requested = new Map<number, number>();
const served = new Map<number, number[]>();
let scrapes = 0;

function bodyOf(scrape: number): Buffer {
  const known = bodies.get(scrape);
  if (known !== undefined) return known;
  const body = Buffer.from(page);
  slots.forEach((at, i) => body.write(String(liveValue(order[i]!, scrape)), at, "latin1"));
  bodies.set(scrape, body);
  if (bodies.size > KEPT_BODIES) bodies.delete(bodies.keys().next().value!);
  return body;
}

const server = createServer((request, response) => {
  const target = Number.parseInt(request.url!.slice(1), 10);
  const scrape = (requested.get(target) ?? 0) + 1;
  requested.set(target, scrape);
  const body = bodyOf(scrape);
  response.on("finish", () => {
    scrapes++;
    const numbers = served.get(target);
    if (numbers === undefined) served.set(target, [scrape]);
    else numbers.push(scrape);
  });
  response.writeHead(200, { "content-type": "text/plain; version=0.0.4", "content-length": body.length });
  response.end(body);
});
server.listen(0, "127.0.0.1");
const listening = once(server, "listening");

process.on("message", (what) => {
  void listening.then(() =>
    process.send!(what === "served" ? [...served] : { port: (server.address() as AddressInfo).port, scrapes }),
  );
});
process.on("disconnect", () => {
  server.closeAllConnections();
  server.close();
});
