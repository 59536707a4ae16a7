import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually, Fatal } from "../support/eventually.ts";
import { lacks, peers } from "../support/requirements.ts";
import { narthex, Running } from "../support/running.ts";
import { freePort } from "../support/ports.ts";
import { Workplace } from "../support/workplace.ts";

const PEERS = {
  server: "prometheus",
  alertmanager: "prometheus-alertmanager",
  pushgateway: "prometheus-pushgateway",
  "node-exporter": "prometheus-node-exporter",
} as const;

/** bcrypt hash of the password "secret" with cost 4. */
const HASH = "$2y$04$hpx/cWBKsTPHTksQLz00E./uxQ3WTopwMb5ldl36xpJfkmtWppm5O";

const flagsOf = (role: keyof typeof PEERS, workplace: Workplace, data: string): string[] => {
  switch (role) {
    case "server":
      return [
        `--config.file=${workplace.write("prometheus.yml", "scrape_configs: []\n")}`,
        `--storage.tsdb.path=${workplace.path(data)}`,
      ];
    case "alertmanager":
      return [
        `--config.file=${workplace.write("alertmanager.yml", "route: {receiver: a}\nreceivers: [{name: a}]\n")}`,
        `--storage.path=${workplace.path(data)}`,
        "--cluster.listen-address=",
      ];
    default:
      return [];
  }
};

const LINES = [
  "GET /%zz",
  "GET /a%2",
  "GET /a%ffb",
  "GET /a%00b",
  "GET /assets/..",
  "GET /assets/%2e%2e",
  "GET /assets/../../etc/passwd",
  "GET //-/healthy?a=1",
  "GET /./-/healthy",
  "GET http://elsewhere/-/nope",
  "GET http://elsewhere//-/healthy",
  "GET http://elsewhere:port/",
  "GET *",
  "OPTIONS *",
  "GET nope",
  "GET /debug/pprof/nope",
  "POST /nope",
] as const;

const LOGIN = `Authorization: Basic ${Buffer.from("ann:secret").toString("base64")}\r\n`;

test.skipIf(lacks("peers")).each(Object.keys(PEERS) as (keyof typeof PEERS)[])(
  "%s: request lines of every form get the original's answers, with and without the password",
  async (role) => {
    using workplace = new Workplace();
    const web = `--web.config.file=${workplace.write("web.yml", `basic_auth_users:\n  ann: "${HASH}"\n`)}`;
    const [port, peerPort] = [await freePort(), await freePort()];
    const start = (at: number, data: string): string[] => [
      ...flagsOf(role, workplace, data),
      web,
      `--web.listen-address=127.0.0.1:${at}`,
    ];
    await using ours = narthex([role, ...start(port, "ours")]);
    await using theirs = new Running(join(peers, PEERS[role]), start(peerPort, "theirs"));
    await Promise.all([answering(ours, port), answering(theirs, peerPort)]);
    for (const headers of ["", LOGIN]) {
      for (const line of LINES) {
        const [own, other] = await Promise.all([answerTo(port, line, headers), answerTo(peerPort, line, headers)]);
        expect(own, `${line} ${headers === "" ? "without" : "with"} the password`).toEqual(other);
      }
    }
  },
);

const answering = (running: Running, port: number): Promise<void> =>
  eventually(`${port} answers`, async () => {
    if (running.child.exitCode !== null) throw new Fatal(running.output);
    expect(await answerTo(port, "GET /-/nope", LOGIN)).toMatchObject({ status: "HTTP/1.1 404 Not Found" });
  });

/** Resolves with status, body and the compared headers of one request on a new connection. */
async function answerTo(port: number, line: string, headers: string): Promise<object> {
  const socket = connect(port, "127.0.0.1").setEncoding("latin1");
  socket.write(`${line} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${headers}\r\n`);
  let text = "";
  for await (const piece of socket) text += piece as string;
  const [head, body] = text.split("\r\n\r\n", 2) as [string, string];
  const header = (name: string): string | undefined => new RegExp(`^${name}: (.*)\r?$`, "im").exec(head)?.[1];
  return {
    status: head.split("\r\n", 1)[0],
    body,
    location: header("Location"),
    type: header("Content-Type"),
    sniff: header("X-Content-Type-Options"),
  };
}
