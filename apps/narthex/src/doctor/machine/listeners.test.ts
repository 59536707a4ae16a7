import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { listeningSockets, listenersOn } from "./listeners.ts";

test("listeningSockets() returns listening sockets only", () => {
  const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:2382 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 771 1 0 100 0 0 10 0
   1: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 772 1 0 100 0 0 10 0
   2: 0100007F:9999 0100007F:0016 01 00000000:00000000 00:00000000 00000000     0        0 773 1 0 100 0 0 10 0
`;
  expect(listeningSockets(text)).toEqual([
    { port: 9090, uid: 1000, inode: "771" },
    { port: 22, uid: 0, inode: "772" },
  ]);
});

test.skipIf(process.platform !== "linux")("listenersOn() finds the program that uses a port", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  expect(await listenersOn([port])).toMatchObject([{ port, program: { pid: process.pid, cwd: process.cwd() } }]);
  server.close();
});
