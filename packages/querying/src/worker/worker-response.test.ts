import { expect, test } from "vitest";
import { MemoryAccount } from "../evaluation/memory-account.ts";
import type { StreamedResponse } from "../scheduler/query-lane.ts";
import type { QueryWorker } from "./query-worker.ts";
import type { WorkerRequest } from "./worker-messages.ts";
import { WorkerResponse } from "./worker-response.ts";

const BYTES = 100 * 1024;

interface Opened {
  readonly response: WorkerResponse;
  readonly answer: StreamedResponse;
  readonly memory: readonly SharedArrayBuffer[];
  /** Returns the memory that was returned to the thread, with the kind of message that returned it. */
  readonly returned: () => readonly (readonly [kind: string, memory: readonly SharedArrayBuffer[]])[];
}

/**
 * Opens a response of which three pieces have arrived. The memory of the second piece was transferred; the memory of
 * the other pieces is shared.
 */
async function opened(): Promise<Opened> {
  const sent: WorkerRequest[] = [];
  const worker = { send: (order: WorkerRequest) => void sent.push(order) } as unknown as QueryWorker;
  const charge = MemoryAccount.open({ limitBytes: 2 ** 30, reservedBytes: 0 }).charge("queries");
  const response = new WorkerResponse(1, worker, charge, () => {});
  const memory = [new SharedArrayBuffer(BYTES), new SharedArrayBuffer(BYTES)];
  const annotations = { warnings: [], infos: [] };
  response.receive({
    kind: "answer",
    id: 1,
    annotations,
    bytes: new Uint8Array(memory[0]!),
    last: false,
    sum: undefined,
  });
  response.receive({ kind: "piece", id: 1, bytes: new Uint8Array(BYTES), last: false, sum: undefined });
  response.receive({ kind: "piece", id: 1, bytes: new Uint8Array(memory[1]!), last: false, sum: undefined });
  const result = await response.result;
  if (!("answer" in result)) throw new Error("no answer");
  const returned: Opened["returned"] = () =>
    sent.flatMap((order) =>
      "memory" in order && order.memory.length > 0 ? [[order.kind, order.memory] as const] : [],
    );
  return { response, answer: result.answer, memory, returned };
}

test("the memory of sent pieces is returned with the request for more pieces; transferred memory is not returned", async () => {
  const { answer, memory, returned } = await opened();
  const rest = answer.rest![Symbol.asyncIterator]();
  const second = await rest.next();
  answer.reuse!(answer.first);
  answer.reuse!(second.value as Uint8Array);
  await rest.next();
  expect(returned().map(([kind, given]) => [kind, given.indexOf(memory[0]!)])).toEqual([["more", 0]]);
  expect(returned()[0]![1]).toHaveLength(1);
});

test("when an answer is released, all shared memory is returned once, including that of pieces that arrive later", async () => {
  const { response, answer, memory, returned } = await opened();
  answer.reuse!(answer.first);
  answer.release();
  answer.release();
  expect(returned().map(([kind]) => kind)).toEqual(["reuse"]);
  expect(memory.every((one) => returned()[0]![1].includes(one))).toBe(true);
  expect(returned()[0]![1]).toHaveLength(2);
  const late = new SharedArrayBuffer(BYTES);
  response.receive({ kind: "piece", id: 1, bytes: new Uint8Array(late), last: true, sum: undefined });
  expect(returned()).toHaveLength(2);
  expect(returned()[1]![1][0]).toBe(late);
});
