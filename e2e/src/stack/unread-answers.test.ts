import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { narthex } from "../support/running.ts";
import { freePort } from "../support/ports.ts";
import { Workplace } from "../support/workplace.ts";

const CONNECTIONS = 500;
const PIPELINED = 20;
const STREAMS = 10;

const ROLES = {
  server: (workplace: Workplace) => [
    `--config.file=${workplace.write("prometheus.yml", "scrape_configs: []\n")}`,
    `--storage.tsdb.path=${workplace.path("data")}`,
  ],
  alertmanager: (workplace: Workplace) => [
    `--config.file=${workplace.write("alertmanager.yml", "route: {receiver: a}\nreceivers: [{name: a}]\n")}`,
    `--storage.path=${workplace.path("am")}`,
    "--cluster.listen-address=",
  ],
  pushgateway: () => [],
  "node-exporter": () => [],
} satisfies Record<string, (workplace: Workplace) => string[]>;

test.each(Object.keys(ROLES) as (keyof typeof ROLES)[])(
  "%s: answers health checks while hundreds of clients request much and read nothing, and exits on request",
  async (role) => {
    using workplace = new Workplace();
    const port = await freePort();
    const base = `http://127.0.0.1:${port}`;
    await using running = narthex([role, ...ROLES[role](workplace), `--web.listen-address=127.0.0.1:${port}`]);
    await running.ready(`${base}/-/ready`);
    const unread = await Promise.all(Array.from({ length: CONNECTIONS }, () => unreadConnection(port)));
    try {
      for (const socket of unread) socket.write("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n".repeat(PIPELINED));
      for (let i = 0; i < 20; i++) {
        const healthy = await fetch(`${base}/-/healthy`);
        expect([healthy.status, await healthy.text()]).toEqual([200, expect.any(String)]);
      }
      running.kill("SIGTERM");
      expect(await running.ended).toEqual({ code: 0, signal: null });
    } finally {
      for (const socket of unread) socket.destroy();
    }
  },
);

async function unreadConnection(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").pause();
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

test("when the server stops, it ends the notification streams of pages; their headers are those of other answers", async () => {
  using workplace = new Workplace();
  const port = await freePort();
  const web = workplace.write("web.yml", "http_server_config:\n  headers:\n    X-Frame-Options: deny\n");
  const args = [
    "server",
    ...ROLES.server(workplace),
    `--web.listen-address=127.0.0.1:${port}`,
    `--web.config.file=${web}`,
  ];
  await using running = narthex(args);
  await running.ready(`http://127.0.0.1:${port}/-/ready`);
  const streams = await Promise.all(
    Array.from({ length: STREAMS }, async () => {
      const options = { port, host: "127.0.0.1", path: "/api/v1/notifications/live", headers: { origin: "http://a" } };
      const [stream] = (await once(get(options), "response")) as [IncomingMessage];
      stream.resume().on("error", () => {});
      return stream;
    }),
  );
  for (const { headers } of streams) {
    expect(headers).toMatchObject({
      "content-type": "text/event-stream",
      "cache-control": "no-cache",
      "access-control-allow-origin": "*",
      vary: "Origin",
      "x-frame-options": "deny",
    });
  }
  running.kill("SIGTERM");
  expect(await running.ended).toEqual({ code: 0, signal: null });
  // Every stream must have received its last chunk: the stop must not cut off a stream.
  expect(streams.every(({ complete }) => complete)).toBe(true);
});
