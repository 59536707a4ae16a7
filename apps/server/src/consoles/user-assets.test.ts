import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import fastify from "fastify";
import { expect, test } from "vitest";
import { userAssets } from "./user-assets.ts";

test.each([
  ["/user/gr%C3%BC%C3%9Fe%20%E4%BD%A0?a=1", "gr%C3%BC%C3%9Fe%20%E4%BD%A0/?a=1"],
  ["/user/a%3Fb%23c", "a%3Fb%23c/"],
  ["/user/a:b", "./a:b/"],
  ["/user/%E4%BD%A0.txt/", "../%E4%BD%A0.txt"],
])("%s leads to %s", async (url, location) => {
  const folder = temporaryFolder();
  const app = fastify();
  try {
    for (const name of ["grüße 你", "a?b#c", "a:b"]) mkdirSync(join(folder, name));
    writeFileSync(join(folder, "你.txt"), "");
    await userAssets(app, folder);
    const { statusCode, headers } = await app.inject(url);
    expect([statusCode, headers["location"]]).toEqual([301, location]);
  } finally {
    await app.close();
  }
});
