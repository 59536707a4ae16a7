import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

/**
 * Process of the targets in bench/src/many-targets.ts: listens at one address of 127.1.0.0/16 for each target.
 * Arguments: the number of the first target, the number of targets, and the number of series of each target. Implements
 * only the part of HTTP that scrapes need, so that thousands of targets are cheap. On each message, the process reports
 * its port and the number of scrapes so far. Ends with its parent.
 */
const [first, count, series] = process.argv.slice(2).map(Number) as [number, number, number];
const DIGITS = "0000000000\n";
const CHANGES_MS = 1000;

const lines = Array.from(
  { length: series },
  (_, i) => `http_requests_total{method="GET",handler="/api/v1/things/${i}",status="200",zone="eu-west-1"} ${DIGITS}`,
);
const body = Buffer.from(`# TYPE http_requests_total counter\n${lines.join("")}`);
const head = `HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: ${body.length}\r\n\r\n`;
const answer = Buffer.concat([Buffer.from(head), body]);
const slots: number[] = [];
for (let at = answer.indexOf(DIGITS); at !== -1; at = answer.indexOf(DIGITS, at + 1)) slots.push(at);
let round = 0;
let scrapes = 0;

const changing = setInterval(() => {
  round++;
  slots.forEach((at, i) => answer.write(String(1_000_000_000 + round * (i % 7)), at, "latin1"));
}, CHANGES_MS);

const sockets = new Set<Socket>();
function serve(socket: Socket): void {
  sockets.add(socket);
  let received = "";
  socket.on("close", () => sockets.delete(socket)).on("error", () => undefined);
  socket.on("data", (bytes) => {
    received += bytes.toString("latin1");
    for (let end = received.indexOf("\r\n\r\n"); end >= 0; end = received.indexOf("\r\n\r\n")) {
      received = received.slice(end + 4);
      scrapes++;
      socket.write(Buffer.from(answer));
    }
  });
}

async function listen(target: number, port: number): Promise<Server> {
  const server = createServer({ noDelay: true }, serve).listen(port, `127.1.${target >> 7}.${1 + (target & 127)}`);
  await once(server, "listening");
  return server;
}

const servers = [await listen(first, 0)];
const { port } = servers[0]!.address() as AddressInfo;
for (let i = 1; i < count; i++) servers.push(await listen(first + i, port));

process.on("message", () => void process.send!({ port, scrapes }));
process.on("disconnect", () => {
  clearInterval(changing);
  for (const server of servers) server.close();
  for (const socket of sockets) socket.destroy();
});
process.send!("listening");
