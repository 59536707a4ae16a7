import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";

/**
 * Measures a limit of bench/src/limits.ts in its own process, so that the CPU time is separate. `fetch PORT TARGETS
 * SECONDS` reads the pages of targets each second and discards them. `send MEGABYTES` answers every request with a
 * prepared body of that size. Reports its result on a message; ends with its parent.
 */
const [what, ...numbers] = process.argv.slice(2);
const cpuMicros = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

if (what === "fetch") fetchPages(...(numbers.map(Number) as [number, number, number]));
else sendReady(Number(numbers[0]));

/**
 * Fetches pages over one connection for each target, as a scraper does. A page is complete when its full length has
 * arrived.
 */
function fetchPages(port: number, targets: number, seconds: number): void {
  const WARM_SECONDS = 5;
  let [pages, cpu] = [0, 0];
  const requests = Array.from({ length: targets }, (_, i) => {
    const socket = connect(port, "127.0.0.1");
    let missing = 0;
    let head: Buffer = Buffer.alloc(0);
    socket.on("data", (came: Buffer) => {
      let piece = came;
      if (missing === 0) {
        // The response header may arrive in several chunks.
        if (head.length > 0) piece = Buffer.concat([head, came]);
        const end = piece.indexOf("\r\n\r\n");
        head = end === -1 ? piece : Buffer.alloc(0);
        if (end === -1) return;
        const length = /content-length: (\d+)/i.exec(piece.toString("latin1", 0, end))?.[1];
        missing = Number(length) + end + "\r\n\r\n".length;
      }
      missing -= piece.length;
      if (missing === 0) pages++;
    });
    return () => socket.write(`GET /${i}/metrics HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`);
  });
  let passed = 0;
  const timer = setInterval(() => {
    if (passed++ === WARM_SECONDS) [pages, cpu] = [0, cpuMicros()];
    if (passed <= WARM_SECONDS + seconds) return requests.forEach((one) => one());
    clearInterval(timer);
    process.send!({ cpuMicros: cpuMicros() - cpu, pages });
    process.disconnect();
    process.exit();
  }, 1000);
}

function sendReady(megabytes: number): void {
  const piece = Buffer.alloc(65_536, "1700000000,");
  const pieces = Math.ceil((megabytes * 1e6) / piece.length);
  const server = createServer((_request, response) => {
    let left = pieces;
    const more = (): void => {
      while (left > 0) {
        left--;
        if (!response.write(piece)) break;
      }
      if (left === 0) response.end();
    };
    response.on("drain", more);
    more();
  });
  server.listen(0, "127.0.0.1");
  process.on("message", () =>
    process.send!({ cpuMicros: cpuMicros(), port: (server.address() as AddressInfo | null)?.port }),
  );
  process.on("disconnect", () => {
    server.closeAllConnections();
    server.close();
  });
}
