import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { temporaryFolder } from "@narthex/runtime/testing";
import fastify, { type FastifyInstance } from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { answerUnknownRoutes } from "../server/go-router.ts";
import { serveUi, uiFolder } from "./static-ui.ts";

const SCRIPT = "export const answer = 42;\n".repeat(100);
const PAGE = `<title>TITLE_PLACEHOLDER</title><p id="ROLE_PLACEHOLDER at ROOT_PLACEHOLDER"><script src="./assets/a-1.js">`;

/** Creates an app that serves a built UI at `/` and `/things/:id` below a prefix. */
async function servedUi(prefix = ""): Promise<FastifyInstance> {
  const root = temporaryFolder();
  const app = fastify();
  onTestFinished(() => app.close());
  mkdirSync(join(root, "assets"));
  writeFileSync(join(root, "index.html"), PAGE);
  writeFileSync(join(root, "assets/a-1.js"), SCRIPT);
  writeFileSync(join(root, "assets/a-1.js.br"), brotliCompressSync(SCRIPT));
  writeFileSync(join(root, "assets/a-1.js.gz"), gzipSync(SCRIPT));
  answerUnknownRoutes(app, true);
  await app.register(
    (scope) => serveUi(scope, { root, role: "pushgateway", title: "T", paths: ["/", "/things/:id"] }),
    { prefix },
  );
  return app;
}

const decoders: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  br: brotliDecompressSync,
  gzip: gunzipSync,
  identity: (bytes) => bytes,
};

test.each([
  ["gzip, deflate, br, zstd", "br"],
  ["gzip, deflate", "gzip"],
  ["br;q=0, gzip", "gzip"],
  ["identity", "identity"],
  [undefined, "identity"],
])(
  "for Accept-Encoding %j an asset is sent as %s, with a cache lifetime of a year and a separate cache entry",
  async (accepted, encoding) => {
    const app = await servedUi();
    const headers = accepted === undefined ? {} : { "accept-encoding": accepted };
    const response = await app.inject({ url: "/assets/a-1.js", headers });
    expect(response.headers["content-encoding"] ?? "identity").toBe(encoding);
    expect(response.headers).toMatchObject({
      "cache-control": "public, max-age=31536000, immutable",
      vary: "accept-encoding",
      "content-type": "application/javascript; charset=utf-8",
      etag: expect.any(String),
    });
    expect(String(decoders[encoding]!(response.rawPayload))).toBe(SCRIPT);
    const again = await app.inject({
      url: "/assets/a-1.js",
      headers: { ...headers, "if-none-match": String(response.headers.etag) },
    });
    expect(again.statusCode).toBe(304);
  },
);

test.each([
  ["/", "./"],
  ["/things/7", "../"],
])("the page at %s refers to its files from %s", async (url, root) => {
  const response = await (await servedUi()).inject({ url });
  expect(response.headers["cache-control"]).toBe("no-cache");
  expect(response.payload).toBe(`<title>T</title><p id="pushgateway at ${root}"><script src="${root}assets/a-1.js">`);
});

const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

test.each([
  ["", "/nowhere", "./"],
  ["", "/no/where?a=/b/c", "../"],
  ["/prefix", "/prefix/no/where/", "../../"],
])("below %j a browser that asks for %s gets the page with status 404", async (prefix, url, root) => {
  const response = await (await servedUi(prefix)).inject({ url, headers: { accept: BROWSER } });
  expect(response.statusCode).toBe(404);
  expect(response.headers).toMatchObject({ "content-type": "text/html; charset=utf-8", vary: "Accept" });
  expect(response.payload).toContain(`pushgateway at ${root}`);
});

test.each([
  ["GET", "/nowhere", "*/*"],
  ["GET", "/nowhere", undefined],
  ["GET", "/nowhere", "application/json"],
  ["POST", "/nowhere", BROWSER],
  ["GET", "/api", BROWSER],
  ["GET", "/api/v1/nothing", BROWSER],
  ["GET", "/-/nothing", BROWSER],
  ["GET", "/debug/pprof/nothing", BROWSER],
  ["GET", "/assets/nothing.js", BROWSER],
] as const)("%s %s with Accept %j is answered with a line of text, as Go's servers do", async (method, url, accept) => {
  const headers = accept === undefined ? {} : { accept };
  const response = await (await servedUi()).inject({ method, url, headers });
  expect([response.statusCode, response.payload]).toEqual([404, "404 page not found\n"]);
  expect(response.headers).toMatchObject({
    "content-type": "text/plain; charset=utf-8",
    "x-content-type-options": "nosniff",
  });
  expect(response.headers["vary"]).toBeUndefined();
});

test("uiFolder() resolves a relative NARTHEX_UI_DIR from the working directory", () => {
  const from = "file:///opt/narthex/apps/server/src/server.ts";
  expect(uiFolder({ env: { NARTHEX_UI_DIR: "apps/ui/dist" }, cwd: "/srv" }, from)).toBe("/srv/apps/ui/dist");
  expect(uiFolder({ env: { NARTHEX_UI_DIR: "" }, cwd: "/srv" }, from)).toBe("/opt/narthex/apps/ui/dist");
});

test.each([
  ["/things/a", "thing"],
  ["/things/a?edit", "edited"],
  ["/things/a?edit=3", "edited"],
  ["/things/a?tab=table", "thing"],
  ["/things/a?tab=graph", "graph"],
  ["/things/a?tab=graph&tab=graph", "thing"],
  ["/things/a?toString", "thing"],
  ["/", undefined],
])("the page at %s links the file %s, which depends on parameters of the address", async (url, file) => {
  const root = temporaryFolder();
  const app = fastify();
  onTestFinished(() => app.close());
  mkdirSync(join(root, "assets"));
  writeFileSync(join(root, "index.html"), "<head>\n  </head>");
  const entry = (name: string, parameter?: object) => ({
    role: "server",
    paths: ["/things/:id"],
    parameter,
    first: [`${name}.js`],
    later: [],
  });
  writeFileSync(
    join(root, "preloads.json"),
    JSON.stringify([
      entry("thing"),
      entry("edited", { name: "edit" }),
      entry("graph", { name: "tab", value: "graph" }),
    ]),
  );
  await serveUi(app, { root, role: "server", title: "T", paths: ["/", "/things/:id"] });
  const { payload } = await app.inject({ url });
  expect(/modulepreload.*href="\.\.\/(\w+)\.js/.exec(payload)?.[1]).toBe(file);
});

test("a page links the files that it will request, if the build lists them", async () => {
  const root = temporaryFolder();
  const app = fastify();
  onTestFinished(() => app.close());
  mkdirSync(join(root, "assets"));
  const html = "<head>\n  </head><body></body>";
  writeFileSync(join(root, "index.html"), html);
  await serveUi(app, {
    root,
    role: "dashboards",
    title: "T",
    paths: ["/", "/things/:id"],
    answers: ({ params, query }) => {
      const { id } = params as { id?: string };
      const { q = "" } = query as { q?: string };
      return id === undefined ? [] : [`api/${id}?q=${q}`];
    },
  });
  const page = async (url: string): Promise<string> => (await app.inject({ url })).payload;
  const answer = `    <link rel="preload" as="fetch" crossorigin href="../api/a?q=">\n`;
  expect(await page("/things/a")).toBe(html.replace("  </head>", `${answer}  </head>`));
  writeFileSync(
    join(root, "preloads.json"),
    JSON.stringify([
      {
        role: "dashboards",
        paths: ["/things/:id"],
        first: ["assets/a-1.js", "assets/b-2.css"],
        later: ["assets/c-3.js"],
      },
      { role: "server", paths: ["/things/:id"], first: ["assets/d-4.js"], later: [] },
    ]),
  );
  expect(await page("/things/a")).toBe(
    html.replace(
      "  </head>",
      [
        answer,
        `    <link rel="modulepreload" crossorigin href="../assets/a-1.js">\n`,
        `    <link rel="preload" as="style" crossorigin href="../assets/b-2.css">\n`,
        `    <meta name="later-file" content="../assets/c-3.js">\n`,
        "  </head>",
      ].join(""),
    ),
  );
  expect(await page("/")).toBe(html);
  const hostile = await page(`/things/a?q=${encodeURIComponent(`"><script>$&'</script>`)}`);
  expect(hostile).toContain('href="../api/a?q=&#34;&#62;&#60;script&#62;$&#38;\'&#60;/script&#62;"');
});
