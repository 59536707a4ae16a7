import { createServer, type IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { afterEach, expect, test, vi } from "vitest";
import { hostTree, seriesFrom } from "../testing/host-tree.ts";
import { supervisord } from "./supervisord.ts";

afterEach(() => void vi.unstubAllEnvs());

const member = (name: string, value: string): string => `<member><name>${name}</name><value>${value}</value></member>`;

const process = (name: string, state: number, start: number, exit: number): string =>
  `<value><struct>${member("name", `<string>${name}</string>`)}${member("group", "g&amp;h")}${member("start", `<int>${start}</int>`)}${member("state", `<i4>${state}</i4>`)}${member("exitstatus", `<int> ${exit} </int>`)}${member("spawnerr", "<string></string>")}</struct></value>`;

const answerOf = (value: string): string =>
  `<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value>${value}</value>\n</param>\n</params>\n</methodResponse>\n`;

const listOf = (...values: readonly string[]): string => answerOf(`<array><data>${values.join("\n")}</data></array>`);

interface Served {
  readonly url: string;
  readonly seen: { path: string; body: string; headers: IncomingHttpHeaders }[];
}

/**
 * Runs `run` with a server that gives the same answer to every request. The server listens on a Unix socket if a path
 * is given.
 */
async function withServer(
  answer: { status?: number; body: string },
  use: (served: Served) => Promise<void>,
  path = "",
) {
  const seen: Served["seen"] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      seen.push({ path: request.url ?? "", body, headers: request.headers });
      response.writeHead(answer.status ?? 200, { "content-type": "text/xml" }).end(answer.body);
    });
  });
  await new Promise<void>((resolve) =>
    path === "" ? server.listen(0, "127.0.0.1", resolve) : server.listen(path, resolve),
  );
  const address = server.address();
  const url = typeof address === "object" ? `http://127.0.0.1:${address!.port}/RPC2` : `unix://${path}`;
  try {
    await use({ url, seen });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function seriesOf(url?: string): Promise<string[]> {
  using files = hostTree();
  return await seriesFrom(supervisord, files, url === undefined ? {} : { "collector.supervisord.url": url });
}

const TWO = [
  'node_supervisord_exit_status{group="g&h",name="cron"} 2',
  'node_supervisord_exit_status{group="g&h",name="web"} 0',
  'node_supervisord_start_time_seconds{group="g&h",name="web"} 1.7e+09',
  'node_supervisord_state{group="g&h",name="cron"} 100',
  'node_supervisord_state{group="g&h",name="web"} 20',
  'node_supervisord_up{group="g&h",name="cron"} 0',
  'node_supervisord_up{group="g&h",name="web"} 1',
];

test("supervisord shows processes, and the start time of running ones", async () => {
  const body = listOf(process("web", 20, 1_700_000_000, 0), process("cron", 100, 1_600_000_000, 2));
  await withServer({ body }, async ({ url, seen }) => {
    expect(await seriesOf(url.replace("127.0.0.1", "ada:s%40cret@127.0.0.1"))).toEqual(TWO);
    expect(seen[0]?.path).toBe("/RPC2");
    expect(seen[0]?.body).toContain("<methodName>supervisor.getAllProcessInfo</methodName>");
    expect(seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from("ada:s@cret").toString("base64")}`);
    vi.stubEnv("SUPERVISORD_URL", url);
    expect(await seriesOf()).toEqual(TWO);
  });
});

test("supervisord is reached over its unix socket", async () => {
  const folder = temporaryFolder();
  const body = listOf(process("web", 20, 1_700_000_000, 0), process("cron", 100, 1, 2));
  const check = async ({ url, seen }: Served): Promise<void> => {
    expect(await seriesOf(url)).toEqual(TWO);
    expect(seen[0]?.path).toBe("/RPC2");
  };
  await withServer({ body }, check, join(folder, "socket"));
});

test("the collector succeeds for a supervisord without processes", async () => {
  await withServer({ body: listOf() }, async ({ url }) => expect(await seriesOf(url)).toEqual([]));
});

test("the collector fails if supervisord refuses, returns a fault, gives an invalid answer or does not run", async () => {
  const failed = ['node_scrape_collector_success{collector="supervisord"} 0'];
  const fault = "<methodResponse><fault><value><int>1</int></value></fault></methodResponse>";
  for (const answer of [{ status: 401, body: listOf() }, { body: fault }, { body: "<html" }, { body: "" }]) {
    // oxlint-disable-next-line no-await-in-loop -- one server at a time
    await withServer(answer, async ({ url }) => expect(await seriesOf(url)).toEqual(failed));
  }
  expect(await seriesOf("http://127.0.0.1:1/RPC2")).toEqual(failed);
  expect(await seriesOf("no url")).toEqual(failed);
});
