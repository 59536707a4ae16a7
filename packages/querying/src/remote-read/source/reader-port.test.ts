import { MessageChannel } from "node:worker_threads";
import { expect, test, vi } from "vitest";
import { PortReader, serveRemoteReads } from "./reader-port.ts";
import type { RemoteRead, RemoteReader, RemoteSelection } from "./remote-reader.ts";

const SELECTION: RemoteSelection = {
  minTime: 1,
  maxTime: 2,
  matchers: [{ type: "=", name: "a", value: "b" }],
  hints: { start: 1, end: 2, step: 0, range: 0, func: "" },
};

async function* pieces(...numbers: readonly number[]): AsyncGenerator<Uint8Array> {
  for (const number of numbers) yield Uint8Array.of(number);
}

/** Returns a reader at one end of a message port, and the requests that arrive at the other end. */
function through(read: RemoteReader["read"]) {
  const { port1, port2 } = new MessageChannel();
  const reader: RemoteReader = { endpoints: 1, concerns: (minTime) => Promise.resolve(minTime < 5), read };
  serveRemoteReads(port1, reader);
  const remote = new PortReader({ port: port2, endpoints: Int32Array.of(0).buffer as unknown as SharedArrayBuffer });
  return { remote, end: () => port2.close() };
}

const head = { form: "chunks", added: ["zone"], maxFrameBytes: 9 } as const;

test("answers pass through the port piece by piece, with their properties", async () => {
  const closed = vi.fn<() => void>();
  const asked: RemoteSelection[] = [];
  const { remote, end } = through((selection) => {
    asked.push(selection);
    const answers = [{ ...head, body: pieces(1, 2) }, { ...head, form: "samples", body: pieces() } as const];
    return Promise.resolve({ answers, problems: ["no tea"], close: closed });
  });
  const read = await remote.read(SELECTION, undefined);
  expect(asked).toEqual([SELECTION]);
  const bodies = await Promise.all(read.answers.map(({ body }) => Array.fromAsync(body)));
  expect(bodies).toEqual([[Uint8Array.of(1), Uint8Array.of(2)], []]);
  expect(read.answers.map(({ body: _body, ...rest }) => rest)).toEqual([head, { ...head, form: "samples" }]);
  expect(read.problems).toEqual(["no tea"]);
  read.close();
  await vi.waitUntil(() => closed.mock.calls.length === 1);
  expect([await remote.concerns(4, 9), await remote.concerns(5, 9)]).toEqual([true, false]);
  end();
});

test("a piece is sent without the rest of its buffer", async () => {
  const whole = new Uint8Array(1024).fill(7);
  async function* body(): AsyncGenerator<Uint8Array> {
    yield whole.subarray(3, 5);
  }
  const answers = [{ ...head, body: body() }];
  const { remote, end } = through(() => Promise.resolve({ answers, problems: [], close: () => undefined }));
  const read = await remote.read(SELECTION, undefined);
  const [piece] = await Array.fromAsync(read.answers[0]!.body);
  expect([[...piece!], piece!.buffer.byteLength, whole.length]).toEqual([[7, 7], 2, 1024]);
  end();
});

test("an error of the serving thread is reported to the reading thread", async () => {
  const { remote, end } = through(() => Promise.reject(new Error("no such thing")));
  await expect(remote.read(SELECTION, undefined)).rejects.toThrow("no such thing");
  end();
});

test("a cancelled read ends immediately at both ends, and so does a read whose thread has ended", async () => {
  const signals: (AbortSignal | undefined)[] = [];
  const { remote, end } = through((_selection, signal) => {
    signals.push(signal);
    return new Promise<RemoteRead>(() => undefined);
  });
  const client = new AbortController();
  const read = remote.read(SELECTION, client.signal);
  const other = remote.read(SELECTION, undefined);
  void other.catch(() => undefined);
  await vi.waitUntil(() => signals.length === 2);
  client.abort(new Error("gone"));
  await expect(read).rejects.toThrow("gone");
  await vi.waitUntil(() => signals[0]!.aborted);
  expect(signals[1]!.aborted).toBe(false);
  end();
  await vi.waitUntil(() => signals[1]!.aborted);
});
