import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import fastify, { type FastifyInstance } from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { serveUi } from "./static-ui.ts";

const SCRIPT = "export const answer = 42;\n".repeat(100);
const PAGE = `<title>TITLE_PLACEHOLDER</title><p id="ROLE_PLACEHOLDER at ROOT_PLACEHOLDER"><script src="./assets/a-1.js">`;

/** An app that serves a built UI at `/` and `/things/:id`. */
async function servedUi(): Promise<FastifyInstance> {
  const root = mkdtempSync(join(tmpdir(), "static-ui-"));
  const app = fastify();
  onTestFinished(async () => {
    await app.close();
    rmSync(root, { recursive: true, force: true });
  });
  mkdirSync(join(root, "assets"));
  writeFileSync(join(root, "index.html"), PAGE);
  writeFileSync(join(root, "assets/a-1.js"), SCRIPT);
  writeFileSync(join(root, "assets/a-1.js.br"), brotliCompressSync(SCRIPT));
  writeFileSync(join(root, "assets/a-1.js.gz"), gzipSync(SCRIPT));
  await serveUi(app, { root, role: "pushgateway", title: "T", paths: ["/", "/things/:id"] });
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
  "an asset goes out for Accept-Encoding %j as %s, for ever and apart from the others in caches",
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
