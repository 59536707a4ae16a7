import { type Clock, systemClock } from "@narthex/runtime";
import { ManualClock } from "@narthex/runtime/testing";
import { afterEach, expect, test } from "vitest";
import { LIMITS } from "./limits.ts";
import { type PluginCall, PluginThread } from "./plugin-thread.ts";

const threads: PluginThread[] = [];

afterEach(async () => {
  await Promise.all(threads.splice(0).map((thread) => thread.close()));
});

/** Opens the thread of a plugin whose function `query` has this body. */
function threadOf(body: string, before = "", clock: Clock = systemClock): PluginThread {
  const code = `${before}\nexport async function query(query, context) { ${body} }\nexport const health = query;`;
  const thread = new PluginThread({ clock, id: "sample", code });
  threads.push(thread);
  return thread;
}

const NEVER = new AbortController().signal;
const silent: Omit<PluginCall, "name"> = {
  args: [{ refId: "A" }],
  settings: { greeting: "hello" },
  request: () => Promise.reject(new Error("no requests here")),
  timeoutMs: 60_000,
};
const ask = (thread: PluginThread, more: Partial<PluginCall> = {}) => thread.query({ ...silent, ...more }, NEVER);

/** Calls `health`, which returns the value of the body. */
const valueOf = (body: string, before?: string, more: Partial<PluginCall> = {}): Promise<unknown> =>
  threadOf(body, before).call({ ...silent, name: "health", ...more }, NEVER);

test("a query of a plugin returns frames as columns", async () => {
  const frames = await ask(
    threadOf(`return [{ name: query.refId, fields: [
      { name: "time", type: "time", values: [1, 2] },
      { name: context.settings.greeting, type: "number", values: [0.5, null], labels: { job: "a" } }] }]`),
  );
  expect(frames).toEqual([
    {
      name: "A",
      length: 2,
      fields: [
        { name: "time", type: "time", config: {}, values: Float64Array.of(1, 2) },
        {
          name: "hello",
          type: "number",
          config: {},
          labels: { job: "a" },
          values: Float64Array.of(0.5, 0),
          nulls: Uint8Array.of(0, 1),
        },
      ],
    },
  ]);
});

test("a plugin gets the answer to its request as text and as JSON", async () => {
  const asked: unknown[] = [];
  const request = async (given: unknown): Promise<object> => {
    asked.push(given);
    return { status: 200, text: '{"count":3}' };
  };
  expect(
    await valueOf(`return [(await context.request({ path: "/a", query: { x: 1 } })).json.count]`, "", { request }),
  ).toEqual([3]);
  expect(asked).toEqual([{ path: "/a", query: { x: 1 } }]);
});

test("a plugin can catch the error of a request that the role refuses", async () => {
  expect(await valueOf(`try { await context.request({ path: "/" }) } catch (error) { return error.message }`)).toBe(
    "no requests here",
  );
});

test("a plugin sees no object of the process", async () => {
  const names = [
    "process",
    "require",
    "fetch",
    "WebSocket",
    "setTimeout",
    "Buffer",
    "WebAssembly",
    "SharedArrayBuffer",
  ];
  const types = names.map((name) => `typeof ${name}`).join(", ");
  expect(await valueOf(`return [${types}]`)).toEqual([
    ...names.slice(0, -1).map(() => "undefined"),
    expect.any(String),
  ]);
});

test.each([
  ["the constructor of a function", `(() => 1).constructor("return typeof process")()`],
  ["eval", `eval("typeof process")`],
  ["the constructor of the function for requests", `context.request.constructor("return typeof process")()`],
  ["the constructor of console.log", `console.log.constructor("return typeof process")()`],
  [
    "the constructor of an error of the role",
    `(await context.request({}).catch((e) => e)).constructor.constructor("return typeof process")()`,
  ],
])("%s does not reach the process", async (_, expression) => {
  expect(await valueOf(`return await ${expression}`)).toBe("undefined");
});

test.each(["node:fs", "fs", "./other.js", "https://example.org/x.js", "data:text/javascript,1"])(
  "a plugin cannot import %s",
  async (name) => {
    await expect(valueOf(`return Object.keys(await import(${JSON.stringify(name)}))`)).rejects.toThrow();
    await expect(valueOf("return 1", `import ${JSON.stringify(name)};`)).rejects.toThrow();
  },
);

test.each([
  ["an endless loop", "for (;;);", /computed for more than 5 s/],
  ["endless promises", "for (;;) await 1;", /computed for more than 5 s/],
  ["a slow regular expression", `return /(a+)+b/.test("a".repeat(60))`, /computed for more than 5 s/],
  ["too much memory", `const kept = []; for (;;) kept.push("x".repeat(1e6) + kept.length)`, /64 MiB of memory/],
  ["an array that doubles without end", `let kept = [1]; for (;;) kept = kept.concat(kept)`, /64 MiB of memory/],
  ["endless recursion", "const call = () => call() + 1; return call()", /stack/],
  ["an error", `throw new Error("the shop is closed")`, /^the shop is closed$/],
  ["a thrown value that is no error", `throw { toString() { throw 1 } }`, /without a message/],
  ["a promise that never settles", "await new Promise(() => {})", /waits for something that never happens/],
  ["a call of a function that is missing", "return missing()", /missing/],
])("%s costs only the call that causes it", async (_, body, message) => {
  const thread = threadOf(`if (query.refId === "A") { ${body} } else return []`);
  await expect(ask(thread)).rejects.toThrow(message);
  expect(await ask(thread, { args: [{ refId: "B" }] })).toEqual([]);
  expect(thread.isRunning).toBe(true);
});

test("a module that is not JavaScript gives an error for each call", async () => {
  await expect(ask(threadOf("return []", "this is no code"))).rejects.toThrow(/expecting/);
});

test.each([
  ["no list", "return {}", "query must return a list of frames"],
  [
    "columns of different lengths",
    `return [{ fields: [f("number", [1]), f("number", [1, 2])] }]`,
    /numbers of values: 1, 2/,
  ],
  ["a text in a column of numbers", `return [{ fields: [f("number", [1, "2"])] }]`, /value 1 must be a number or null/],
  ["an unknown type", `return [{ fields: [f("frame", [])] }]`, /"type" must be one of/],
  [
    "a label that is no text",
    `return [{ fields: [{ ...f("time", []), labels: { a: 1 } }] }]`,
    /label "a" must be a text/,
  ],
  ["a setting of a wrong type", `return [{ fields: [{ ...f("time", []), config: { unit: 1 } }] }]`, /config.unit/],
  ["too many frames", "return Array.from({ length: 2000 }, () => ({ fields: [] }))", /more than 1000 frames/],
  ["too many cells", `return [{ fields: [f("number", new Array(1000001).fill(1))] }]`, /more than 1000000 values/],
])("a query that returns %s is refused", async (_, body, message) => {
  const before = `const f = (type, values) => ({ name: "x", type, values });`;
  await expect(ask(threadOf(body, before))).rejects.toThrow(message);
});

test("keys such as __proto__ in a result change nothing in the role", async () => {
  const [frame] = await ask(
    threadOf(
      `return JSON.parse('[{"fields":[{"name":"x","type":"number","values":[1],"labels":{"__proto__":"a"},"config":{"__proto__":{"unit":"s"}}}],"__proto__":{"name":"bad"}}]')`,
    ),
  );
  expect(frame?.name).toBeUndefined();
  expect(frame?.fields[0]?.config).toEqual({});
  expect(({} as Record<string, unknown>)["unit"]).toBeUndefined();
});

test.each([
  [
    "a value that is nested",
    `let deep = []; for (let i = 0; i < 60; i++) deep = [deep]; return deep`,
    /nested more than 50/,
  ],
  ["a value that is nested deeply", `let deep = []; for (let i = 0; i < 1e5; i++) deep = [deep]; return deep`, /stack/],
  ["a value that is too long", `return "x".repeat(${LIMITS.valueCharacters})`, /more than 1048576 characters/],
])("%s is refused", async (_, body, message) => {
  await expect(valueOf(body)).rejects.toThrow(message);
});

test.each([
  ["a text that is no JSON", `answer("{")`, "query returned something other than JSON"],
  [
    "an object whose text is an error",
    `answer({ toString() { throw new Error("no text") } })`,
    "something other than JSON",
  ],
  ["a symbol", `answer(Symbol("s"))`, "something other than JSON"],
  ["an error that is an object", `fail({})`, "[object Object]"],
  ["two answers", `fail("first"); answer("[]")`, "first"],
])("a plugin that takes the functions of the engine, and passes %s, only fails", async (_, steps, message) => {
  const thread = threadOf("return []", `Promise.prototype.then = function (answer, fail) { ${steps} };`);
  for (let call = 0; call < 2; call++) await expect(ask(thread)).rejects.toThrow(message);
  expect(thread.isRunning).toBe(true);
});

test("each call has its own engine, so a call cannot change the next one", async () => {
  const thread = threadOf(`const seen = globalThis.seen ?? 0; globalThis.seen = seen + 1; Array.prototype.map = 1;
    return [{ fields: [{ name: "n", type: "number", values: [seen] }] }]`);
  for (let call = 0; call < 3; call++) expect((await ask(thread))[0]?.fields[0]?.values).toEqual(Float64Array.of(0));
});

test("a call may send only a limited number of requests, in total and at the same time", async () => {
  const request = async (): Promise<object> => ({ status: 200, text: "" });
  const many = `for (let i = 0; i < ${LIMITS.requests + 1}; i++) await context.request({ path: "/" })`;
  await expect(valueOf(many, "", { request })).rejects.toThrow("at most 100 requests");
  const atOnce = `await Promise.all(Array.from({ length: 9 }, () => context.request({ path: "/" })))`;
  await expect(valueOf(atOnce, "", { request })).rejects.toThrow("at most 8 requests at the same time");
});

test("an answer that is too long for a plugin is refused", async () => {
  const request = async (): Promise<object> => ({ status: 200, text: "x".repeat(LIMITS.responseCharacters) });
  await expect(valueOf(`return await context.request({ path: "/" })`, "", { request })).rejects.toThrow("too long");
});

test("an aborted call ends its requests, and the thread stays", async () => {
  const asked = Promise.withResolvers<AbortSignal>();
  const request = (_: unknown, signal: AbortSignal): Promise<object> => {
    asked.resolve(signal);
    return new Promise(() => undefined);
  };
  const stopped = new AbortController();
  const thread = threadOf(`await context.request({ path: "/" })`);
  const call = thread.query({ ...silent, request }, stopped.signal);
  const signal = await asked.promise;
  stopped.abort(new Error("the user has left"));
  await expect(call).rejects.toThrow("the user has left");
  expect(signal.aborted).toBe(true);
  expect(thread.isRunning).toBe(true);
});

test("more calls than may run wait for their turn", async () => {
  const thread = threadOf("return []");
  const calls = Array.from({ length: 40 }, () => ask(thread));
  expect(await Promise.all(calls)).toEqual(calls.map(() => []));
});

test("calls beyond the number that may wait are refused", async () => {
  const request = (): Promise<object> => new Promise(() => undefined);
  const stopped = new AbortController();
  const thread = threadOf(`await context.request({ path: "/" })`);
  const calls = Array.from({ length: LIMITS.running + LIMITS.waiting }, () =>
    thread.query({ ...silent, request }, stopped.signal),
  );
  const ended = Promise.allSettled(calls);
  await expect(ask(thread)).rejects.toThrow('200 calls of the plugin "sample" wait already');
  stopped.abort(new Error("over"));
  await ended;
});

test("a thread that was closed answers no more calls", async () => {
  const thread = threadOf("return []");
  await ask(thread);
  await thread.close();
  await expect(ask(thread)).rejects.toThrow("was closed");
});

test("a thread starts at the first call, and ends after a time without calls", async () => {
  const clock = new ManualClock(0);
  const thread = threadOf("return []", "", clock);
  expect(thread.isRunning).toBe(false);
  await ask(thread);
  await clock.advance(LIMITS.idleMs - 1);
  expect(thread.isRunning).toBe(true);
  await ask(thread);
  await clock.advance(LIMITS.idleMs - 1);
  expect(thread.isRunning).toBe(true);
  await clock.advance(1);
  expect(thread.isRunning).toBe(false);
  expect(await ask(thread)).toEqual([]);
});

test("a call that takes too long ends, and other calls go on", async () => {
  const clock = new ManualClock(0);
  const asked = Promise.withResolvers<void>();
  const request = (): Promise<object> => {
    asked.resolve();
    return new Promise(() => undefined);
  };
  const thread = threadOf(`if (query.refId === "A") await context.request({ path: "/" }); return []`, "", clock);
  const slow = ask(thread, { request, timeoutMs: 30_000 });
  await asked.promise;
  const ended = expect(slow).rejects.toThrow('the plugin "sample" did not answer within 30 s');
  await clock.advance(30_000);
  await ended;
  expect(await ask(thread, { args: [{ refId: "B" }] })).toEqual([]);
});

test("a thread that does not confirm the end of a call is ended, and the next call starts another one", async () => {
  const clock = new ManualClock(0);
  const thread = threadOf(`if (query.refId === "A") for (;;); return []`, "", clock);
  await ask(thread, { args: [{ refId: "B" }] });
  // The endless loop keeps the thread busy, so that it cannot confirm anything.
  const hanging = ask(thread, { timeoutMs: 1000 });
  const beside = ask(thread, { args: [{ refId: "B" }] });
  const ended = [
    expect(hanging).rejects.toThrow("did not answer within 1 s"),
    expect(beside).rejects.toThrow('the plugin "sample" hangs, and was stopped'),
  ];
  await Promise.resolve();
  await clock.advance(1000);
  await clock.advance(LIMITS.graceMs);
  await Promise.all(ended);
  expect(await ask(thread, { args: [{ refId: "B" }] })).toEqual([]);
});
