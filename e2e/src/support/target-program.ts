import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * A program with many targets: each path responds with one series. Prints its port; ends when its standard input ends.
 */
const server = createServer((_request, response) => {
  response.writeHead(200, { "content-type": "text/plain; version=0.0.4" });
  response.end("# TYPE x gauge\nx 1\n");
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
process.stdin.on("end", () => process.exit(0)).resume();
