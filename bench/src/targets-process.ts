import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * This process serves the targets of bench/src/targets.ts. The argument is the number of series. Answers each message
 * with its port and the number of scrapes so far. Ends when its parent process ends.
 */
const DIGITS = "0000000000\n";

const series = Number(process.argv[2]);
const lines = ["# TYPE http_requests_total counter"];
for (let i = 0; i < series; i++) {
  lines.push(
    `http_requests_total{method="GET",handler="/api/v1/things/${i % 100}",status="200",zone="eu-west-1",shard="${i}"} ${DIGITS}`,
  );
}
const text = lines.join("").replace("counter", "counter\n");
/** Page bodies by round. Targets in the same round share one body, so that creating bodies costs almost nothing. */
const bodies = new Map<number, Buffer>();
const rounds = new Map<string, number>();
let scrapes = 0;

function bodyOf(round: number): Buffer {
  const known = bodies.get(round);
  if (known !== undefined) return known;
  const body = Buffer.from(text);
  let i = 0;
  for (let at = body.indexOf(DIGITS); at !== -1; at = body.indexOf(DIGITS, at + 1)) {
    body.write(String(1_000_000_000 + ((round * (i++ % 7)) % 1_000_000_000)), at, "latin1");
  }
  bodies.set(round, body);
  if (bodies.size > 8) bodies.delete(bodies.keys().next().value!);
  return body;
}

const server = createServer((request, response) => {
  scrapes++;
  const target = request.url!;
  const round = (rounds.get(target) ?? 0) + 1;
  rounds.set(target, round);
  const body = bodyOf(round);
  response.writeHead(200, { "content-type": "text/plain; version=0.0.4", "content-length": body.length });
  response.end(body);
});
server.listen(0, "127.0.0.1");
const listening = once(server, "listening");

process.on("message", () => {
  void listening.then(() => process.send!({ port: (server.address() as AddressInfo).port, scrapes }));
});
process.on("disconnect", () => {
  server.closeAllConnections();
  server.close();
});
