import { expect, test } from "vitest";
import { readBody } from "./answer-body.ts";

async function* bodyOf(chunks: Iterable<string>, fault?: Error): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk, "latin1");
  if (fault !== undefined) throw fault;
}

test("readBody() joins chunks, also amid a code point", async () => {
  expect(await readBody(bodyOf(["a\xc3", "\xa9b"]), 100)).toBe("aéb");
});

test("readBody() of a body that breaks off gives what came", async () => {
  expect(await readBody(bodyOf(["part"], new Error("cut")), 100)).toBe("part");
});

test("readBody() reads no more than the limit, and lets go of the rest", async () => {
  let released = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield Buffer.alloc(7, "x");
    } finally {
      released = true;
    }
  }
  expect(await readBody(endless(), 20)).toBe("x".repeat(20));
  expect(released).toBe(true);
});
