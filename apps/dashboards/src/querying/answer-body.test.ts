import { once } from "node:events";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { answersToJson, type Field, FRAMES_MEDIA_TYPE, readFrames } from "@narthex/dashboards";
import { writeFrames } from "@narthex/dashboards/testing";
import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { withRole } from "../testing/running-role.ts";
import { encodeAnswers, sendableBody } from "./answer-body.ts";

const JSON_TYPE = "application/json";

/** Returns an answer with a column of numbers and one of texts. */
function answersOf(rows: number) {
  const values = Float64Array.from({ length: rows }, (_, row) => (row % 7 === 0 ? NaN : row / 3));
  const texts = Array.from({ length: rows }, (_, row) => (row % 5 === 0 ? null : `text ${row}`));
  const fields = [
    { name: "n", type: "number", values, config: {} },
    { name: "t", type: "string", values: texts, config: {} },
  ] as const;
  return new Map([["A", { status: 200, frames: [{ refId: "A", length: rows, fields }] }]]);
}

const clock = new ManualClock();
const sent = (body: ReturnType<typeof sendableBody>): Promise<Buffer> =>
  body instanceof Readable ? buffer(body) : Promise.resolve(body);

test.each([10, 200_000])("the bytes of %d rows are the same in one piece and in parts", async (rows) => {
  const answers = answersOf(rows);
  const json = await encodeAnswers(answers, JSON_TYPE, clock);
  expect((await sent(sendableBody(json.body, clock))).equals(Buffer.from(JSON.stringify(answersToJson(answers))))).toBe(
    true,
  );
  const { body, tag } = await encodeAnswers(answers, FRAMES_MEDIA_TYPE, clock);
  const bytes = await sent(sendableBody(body, clock));
  expect([bytes.equals(writeFrames(answers)), bytes.length, tag.length]).toEqual([true, body.length, 20]);
  // A body can be sent to several clients.
  expect((await sent(sendableBody(body, clock))).equals(bytes)).toBe(true);
});

test("long JSON is written when the client takes it, and long columns are sent without a copy", async () => {
  const answers = answersOf(400_000);
  const { body } = await encodeAnswers(answers, JSON_TYPE, clock);
  const parts = body.parts()[Symbol.iterator]();
  const first = parts.next().value as Uint8Array;
  expect([body.length, first.length > 0, first.length < 400_000]).toEqual([undefined, true, true]);
  const frames = await encodeAnswers(answers, FRAMES_MEDIA_TYPE, clock);
  const { values } = answers.get("A")!.frames[0]!.fields[0];
  expect([...frames.body.parts()].some((part) => part.buffer === values.buffer)).toBe(true);
});

test("JSON of many cells or long texts is written in parts, and has a length up to some MiB", async () => {
  const text = "é".repeat(100_000);
  const texts = { name: "t", type: "string", values: Array.from({ length: 9 }, () => text), config: {} } as const;
  const labelled = { ...texts, values: Array.from({ length: 9 }, () => ""), labels: { a: text.repeat(3) } };
  const json = { name: "j", type: "json", values: Array.from({ length: 9 }, () => ({ text })), config: {} } as const;
  const column = (field: Field) => new Map([["A", { status: 200, frames: [{ length: 9, fields: [field] }] }]]);
  for (const answers of [answersOf(15_000), column(texts), column(labelled), column(json)]) {
    const { body } = await encodeAnswers(answers, JSON_TYPE, clock);
    const parts = [...body.parts()];
    expect([parts.length > 1, body.length]).toEqual([true, Buffer.concat(parts).length]);
    expect(Buffer.concat([...body.parts()]).toString()).toBe(JSON.stringify(answersToJson(answers)));
  }
});

test("long JSON can be sent to several clients", async () => {
  const answers = answersOf(400_000);
  const { body } = await encodeAnswers(answers, JSON_TYPE, clock);
  const whole = Buffer.from(JSON.stringify(answersToJson(answers)));
  for (const parts of [body.parts(), body.parts()]) expect(Buffer.concat([...parts]).equals(whole)).toBe(true);
});

test("frames of many short columns are sent in few parts of limited length", async () => {
  const column = (row: number) =>
    ({ name: "n", type: "number", values: new Float64Array(20).fill(row), config: {} }) as const;
  const frames = Array.from({ length: 20_000 }, (_, row) => ({ length: 20, fields: [column(row)] }));
  const answers = new Map([["A", { status: 200, frames }]]);
  const { body } = await encodeAnswers(answers, FRAMES_MEDIA_TYPE, clock);
  const parts = [...body.parts()];
  expect([parts.length < 100, Math.max(...parts.map(({ length }) => length)) <= 256 * 1024]).toEqual([true, true]);
  expect(Buffer.concat(parts).equals(writeFrames(answers))).toBe(true);
});

test("no further part is written while the client does not read", async () => {
  let written = 0;
  function* parts(): Generator<Uint8Array> {
    for (; written < 1000; written++) yield new Uint8Array(64 * 1024);
  }
  const stream = sendableBody({ length: undefined, parts }, clock) as Readable;
  await once(stream, "readable");
  await new Promise((resolve) => setImmediate(resolve));
  expect(written).toBeLessThan(5);
  stream.destroy();
  await once(stream, "close");
  expect(written).toBeLessThan(5);
});

test("a large answer arrives completely, as JSON and as frames", async () => {
  await withRole({}, async ({ call, url }) => {
    await call("POST", "/api/datasources", { uid: "t", name: "T", type: "testdata", access: "proxy", url: "" });
    const query = { refId: "A", datasource: { uid: "t" }, scenarioId: "random_walk", seriesCount: 7 };
    const body = JSON.stringify({
      from: "1700000000000",
      to: "1700000600000",
      queries: [{ ...query, intervalMs: 20, maxDataPoints: 30_000 }],
    });
    const ask = (accept: string): Promise<Response> =>
      fetch(`${url}/api/ds/query`, {
        method: "POST",
        headers: { "content-type": "application/json", accept, authorization: `Basic ${btoa("admin:secret")}` },
        body,
      });
    const json = await ask(JSON_TYPE);
    const { results } = (await json.json()) as { results: { A: { frames: { data: { values: unknown[][] } }[] } } };
    const frames = await ask(FRAMES_MEDIA_TYPE);
    const read = readFrames(new Uint8Array(await frames.arrayBuffer())).get("A")!.frames;
    const rows = results.A.frames.map(({ data }) => data.values[1]!.length);
    expect([json.status, frames.status, rows]).toEqual([200, 200, read.map(({ length }) => length)]);
    expect(Math.min(...rows) * rows.length).toBe(140_000);
  });
});
