import { Readable } from "node:stream";
import { gunzipSync, inflateSync } from "node:zlib";
import fastify from "fastify";
import { expect, test } from "vitest";
import { compressAnswers } from "./compress.ts";

const LONG = "0123456789".repeat(1000);

/**
 * Starts a server, and returns a function that requests a path with an Accept-Encoding header. The function resolves
 * with status, Content-Encoding and body.
 */
async function answers(): Promise<(path: string, accepted: string) => Promise<[number, unknown, Buffer]>> {
  const app = fastify();
  await app.register(async (own) => {
    compressAnswers(own);
    own.get("/long", async () => LONG);
    own.get("/short", async () => "short");
    own.get("/none", async (_request, reply) => reply.code(204).send());
    own.get("/packed", async (_request, reply) => reply.header("content-encoding", "br").send(LONG));
    own.get("/stream", async (_request, reply) => reply.send(Readable.from([LONG])));
  });
  return async (path, accepted) => {
    const answer = await app.inject({ url: path, headers: { "accept-encoding": accepted } });
    return [answer.statusCode, answer.headers["content-encoding"], answer.rawPayload];
  };
}

test("long answers and streams are compressed for clients that accept it", async () => {
  const ask = await answers();
  for (const path of ["/long", "/stream"]) {
    const [, gzip, packed] = await ask(path, "br, gzip;q=0.5");
    expect([gzip, gunzipSync(packed).toString()]).toEqual(["gzip", LONG]);
    const [, deflate, deflated] = await ask(path, "gzip;q=0, deflate");
    expect([deflate, inflateSync(deflated).toString()]).toEqual(["deflate", LONG]);
    expect(await ask(path, "br")).toEqual([200, undefined, Buffer.from(LONG)]);
  }
});

test("short answers, compressed ones and those without a body stay unchanged", async () => {
  const ask = await answers();
  expect(await ask("/short", "gzip")).toEqual([200, undefined, Buffer.from("short")]);
  expect(await ask("/packed", "gzip")).toEqual([200, "br", Buffer.from(LONG)]);
  expect(await ask("/none", "gzip")).toEqual([204, undefined, Buffer.alloc(0)]);
});

test("an answer that fails midway ends without affecting others, and its source is destroyed", async () => {
  const app = fastify();
  compressAnswers(app);
  let source = Readable.from([]);
  app.get("/fails", async (_request, reply) => {
    source = Readable.from(
      (async function* () {
        yield LONG;
        throw new Error("the source is gone");
      })(),
    );
    return reply.send(source);
  });
  app.get("/leaves", async (_request, reply) => {
    source = new Readable({ read: () => undefined });
    source.push(LONG);
    reply.raw.destroy();
    return reply.send(source);
  });
  for (const path of ["/fails", "/leaves"])
    for (const encoding of ["gzip", "deflate"]) {
      await app.inject({ url: path, headers: { "accept-encoding": encoding } }).catch(() => undefined);
      expect(source.destroyed, `${path} ${encoding}`).toBe(true);
    }
});
