import fastify from "fastify";
import { expect, test } from "vitest";
import { dashboardPreloads } from "./dashboard-preloads.ts";
import { PAGE_PATHS } from "./page-paths.ts";

test("only the pages that draw a dashboard preload it, and only if its uid needs no encoding", async () => {
  const app = fastify();
  for (const path of PAGE_PATHS) app.get(path, async (request) => dashboardPreloads(request)?.answers ?? ["none"]);
  const answers = async (url: string): Promise<unknown> => (await app.inject(url)).json<unknown>();
  const preloaded = ["api/dashboards/uid/node", "api/narthex/sources"];
  for (const url of ["/d/node", "/d/node/title", "/d-solo/node", "/d-solo/node/title"])
    expect(await answers(url)).toEqual(preloaded);
  expect(await answers("/d/a%2Fb/title")).toEqual([]);
  for (const url of ["/", "/dashboards/f/node/title", "/d/node/title/permissions"])
    expect(await answers(url)).toEqual(["none"]);
});
