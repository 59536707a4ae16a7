import fastify from "fastify";
import { expect, test } from "vitest";
import { openingAnswers } from "./opening-answers.ts";
import { PAGE_PATHS } from "./page-paths.ts";

test("only the pages that draw a dashboard request it early, and only if its uid needs no encoding", async () => {
  const app = fastify();
  for (const path of PAGE_PATHS) app.get(path, async (request) => openingAnswers(request));
  const answers = async (url: string): Promise<unknown> => (await app.inject(url)).json<unknown>();
  const early = ["api/dashboards/uid/node", "api/narthex/sources"];
  for (const url of ["/d/node", "/d/node/title", "/d-solo/node", "/d-solo/node/title"])
    expect(await answers(url)).toEqual(early);
  for (const url of ["/d/a%2Fb/title", "/", "/dashboards/f/node/title", "/d/node/title/permissions"])
    expect(await answers(url)).toEqual([]);
});
