import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import { systemClock } from "@narthex/runtime";
import { memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import fastify, { type FastifyInstance } from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { answerUnknownRoutes } from "../server/go-router.ts";
import { docsFolder } from "./docs-site.ts";
import { serveDocs } from "./static-docs.ts";

const STYLE = "body { margin: 0 }\n".repeat(100);

/** Creates an app that serves a documentation site below a prefix. */
async function servedDocs({
  prefix = "",
  isBuilt = true,
  policy = "",
  refusal = 0,
  missingPage = "404.html",
} = {}): Promise<FastifyInstance> {
  const root = temporaryFolder();
  const app = fastify();
  onTestFinished(() => app.close());
  const write = (name: string, content: string | Buffer): void => {
    mkdirSync(join(root, name, ".."), { recursive: true });
    writeFileSync(join(root, name), content);
  };
  if (isBuilt) {
    write("index.html", "<head></head>front");
    write("flags/up.html", "<head></head>flags of up");
    write(missingPage, "<head></head>nothing");
    write("assets/style-1.css", STYLE);
    write("assets/style-1.css.br", brotliCompressSync(STYLE));
  }
  answerUnknownRoutes(app, true);
  if (policy !== "")
    app.addHook("onRequest", async (_request, reply) => void reply.header("content-security-policy", policy));
  app.addHook("onRequest", async () => {
    if (refusal > 0) throw Object.assign(new Error("refused"), { statusCode: refusal });
  });
  const host = { env: { NARTHEX_DOCS_DIR: root }, cwd: "/", stopping: new AbortController().signal };
  const options = { host, clock: systemClock, logger: memoryLogger() };
  await app.register((scope) => serveDocs(scope, options), { prefix });
  return app;
}

test.each(["", "/prefix"])(
  "below %j pages are served without caching, and load nothing from other servers",
  async (prefix) => {
    const app = await servedDocs({ prefix });
    for (const [path, content] of [
      ["/docs/", "front"],
      ["/docs/index.html", "front"],
      ["/docs/flags/up.html?x=1", "flags of up"],
    ] as const) {
      const answer = await app.inject({ url: prefix + path });
      expect([answer.statusCode, answer.payload]).toEqual([200, `<head></head>${content}`]);
      expect(answer.headers).toMatchObject({
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-cache",
        "x-content-type-options": "nosniff",
        "content-security-policy": expect.stringContaining("script-src 'self';"),
      });
      const etag = String(answer.headers.etag);
      expect((await app.inject({ url: prefix + path, headers: { "if-none-match": etag } })).statusCode).toBe(304);
    }
  },
);

test("the address without a slash redirects to the one with it, whatever prefix a proxy removed", async () => {
  const answer = await (await servedDocs()).inject({ url: "/docs" });
  expect(answer.statusCode).toBe(302);
  expect(new URL(answer.headers.location!, "http://host/taken/away/docs").pathname).toBe("/taken/away/docs/");
});

test("assets are sent as they were compressed, with a cache lifetime of a year", async () => {
  const app = await servedDocs();
  const answer = await app.inject({ url: "/docs/assets/style-1.css", headers: { "accept-encoding": "gzip, br" } });
  expect(String(brotliDecompressSync(answer.rawPayload))).toBe(STYLE);
  expect(answer.headers).toMatchObject({
    "content-encoding": "br",
    "content-type": "text/css; charset=utf-8",
    "cache-control": "public, max-age=31536000, immutable",
    vary: "accept-encoding",
  });
  expect((await app.inject({ url: "/docs/assets/style-1.css" })).payload).toBe(STYLE);
});

test.each([
  ["/docs/nowhere.html", "./"],
  ["/docs/no/where?a=/b/c", "../"],
  ["/docs/flags/", "../"],
  ["/docs/no%00name.html", "./"],
  ["/docs/a/b/c.html", "../../"],
])("at %s there is the site's page that says so, whose links begin at %s", async (url, base) => {
  for (const prefix of ["", "/some/prefix"]) {
    const answer = await (await servedDocs({ prefix })).inject({ url: prefix + url });
    expect([answer.statusCode, answer.payload]).toEqual([404, `<head><base href="${base}"></head>nothing`]);
    expect(answer.headers["cache-control"]).toBe("no-cache");
  }
});

test.each([401, 403, 503])("a request that an earlier hook refuses with %i gets that answer", async (refusal) => {
  for (const url of ["/docs/", "/docs/nowhere.html", "/docs/no%00name.html", "/docs/assets/style-1.css"]) {
    const answer = await (await servedDocs({ refusal })).inject({ url });
    expect([answer.statusCode, answer.json()]).toMatchObject([refusal, { message: "refused" }]);
  }
});

test("a range beyond the end of a file is refused with 416", async () => {
  const answer = await (await servedDocs()).inject({ url: "/docs/index.html", headers: { range: "bytes=9999-" } });
  expect(answer.statusCode).toBe(416);
  expect(answer.payload).not.toContain("nothing");
});

test("a file that cannot be read is answered as a server error, not with 404", async () => {
  const app = await servedDocs({ missingPage: "404.html/folder" });
  for (const url of ["/docs/nowhere.html", "/docs/no%00name.html"]) {
    const answer = await app.inject({ url });
    expect([answer.statusCode, answer.json()]).toMatchObject([500, { code: "EISDIR" }]);
  }
});

test("no path leads out of the folder", async () => {
  const app = await servedDocs();
  for (const path of ["/docs/../package.json", "/docs/%2e%2e/%2e%2e/etc/passwd", "/docs/..%2f..%2fetc%2fpasswd"]) {
    const { statusCode, payload } = await app.inject({ url: path });
    expect([path, statusCode < 400 || payload.includes("root:")]).toEqual([path, false]);
  }
});

test("an existing content security policy is kept", async () => {
  const app = await servedDocs({ policy: "default-src 'self'" });
  expect((await app.inject({ url: "/docs/" })).headers["content-security-policy"]).toBe("default-src 'self'");
});

test("without a site there is a short text, and a page that reloads itself", async () => {
  const answer = await (await servedDocs({ isBuilt: false })).inject({ url: "/docs/" });
  const { refresh, "retry-after": later } = answer.headers;
  expect([answer.statusCode, refresh, later]).toEqual([503, "3", "3"]);
  expect(answer.payload).toContain("is being built, or could not be");
});

test("docsFolder() returns the folder of the environment, otherwise that next to a bundle, otherwise the checkout's", () => {
  const from = "file:///opt/narthex/chunk.js";
  expect(docsFolder({ env: { NARTHEX_DOCS_DIR: "site" }, cwd: "/srv" }, from)).toBe("/srv/site");
  expect(docsFolder({ env: {}, cwd: "/srv" }, from)).toBe("/opt/narthex/docs");
  const source = "file:///src/packages/http/src/docs/docs-site.ts";
  expect(docsFolder({ env: {}, cwd: "/srv" }, source)).toBe("/src/apps/docs/dist");
});
