import { expect, test } from "vitest";
import { guardedRead, ReceivedBytes } from "./received-bytes.ts";

function guarded(read: (bytes: Buffer) => void) {
  const received = new ReceivedBytes();
  const failures: unknown[] = [];
  const socket = {
    destroyed: false,
    destroy(error?: Error) {
      socket.destroyed = true;
      failures.push(error?.message);
    },
  };
  return { received, failures, socket, take: guardedRead(received, () => socket, read) };
}

test("an error of the driver destroys the socket, and is not thrown", () => {
  const { take, failures } = guarded(() => {
    throw new TypeError("not a function");
  });
  take(Buffer.alloc(1));
  expect(failures).toEqual(["the data source cannot be reached: it sent a message that its protocol does not permit"]);
});

test("bytes are counted before the driver reads them, and a refused part is not read", () => {
  const read: number[] = [];
  const { take, received, socket } = guarded((bytes) => read.push(bytes.length));
  received.onStatementBytes = (bytes) => {
    if (bytes > 1) socket.destroy();
  };
  take(Buffer.alloc(1));
  take(Buffer.alloc(2));
  expect(read).toEqual([1]);
});

test("1 MiB may arrive without a statement, and no byte more", () => {
  const { take, failures } = guarded(() => undefined);
  take(Buffer.alloc(1024 * 1024));
  expect(failures).toEqual([]);
  take(Buffer.alloc(1));
  expect(failures).toEqual(["the data source cannot be reached: it sent more than 1 MiB without a statement"]);
});
