import type { Task } from "./step-counter.ts";

type Read = (data: Uint8Array, from: number) => unknown;

function sumFrom(data: Uint8Array, from: number): number {
  let sum = 0;
  for (let at = from; at < data.length; at++) sum += data[at]!;
  return sum;
}

const READS: Readonly<Record<string, Read>> = {
  "a loop": sumFrom,
  "a search": (data, from) => data.indexOf(1, from),
  "a copy": (data, from) => data.slice(from),
  "a text": (data, from) => new TextDecoder().decode(data.subarray(from)),
  "a regular expression": (data, from) => /b/.test("a".repeat(data.length - from)),
};

const once =
  (read: Read): Task =>
  (size) => {
    const data = new Uint8Array(size);
    return () => void read(data, 0);
  };

const atEachByte =
  (read: Read): Task =>
  (size) => {
    const data = new Uint8Array(size);
    return () => {
      for (let from = 0; from < size; from++) read(data, from);
    };
  };

/**
 * Tasks whose growth is known: linear if the data is read once, quadratic if the rest is read at each byte. StepCounting
 * imports the tasks.
 */
export const TASKS: Readonly<Record<string, Task>> = Object.fromEntries(
  Object.entries(READS).flatMap(([name, read]) => [
    [`${name} once`, once(read)],
    [`${name} at each byte`, atEachByte(read)],
  ]),
);
