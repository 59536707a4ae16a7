import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { OrderedOutput } from "./ordered-output.ts";

test("output keeps its order if a slow reader reads standard output later than standard error", async () => {
  const read: string[] = [];
  const held: (() => void)[] = [];
  const stream = (isSlow: boolean): Writable =>
    new Writable({
      decodeStrings: false,
      write(text: string, _encoding, done) {
        const take = (): void => {
          read.push(text);
          done();
        };
        if (isSlow && text !== "") held.push(take);
        else if (text === "") done();
        else take();
      },
    });
  const output = new OrderedOutput(stream(true), stream(false), true);
  output.stdout("1 ");
  output.stderr("2 ");
  output.stderr("3 ");
  output.stdout("4 ");
  output.stdout("5 ");
  output.stderr("6");
  const drained = output.drained();
  expect(read).toEqual([]);
  const timer = setInterval(() => held.shift()?.(), 0);
  await drained;
  clearInterval(timer);
  expect(read.join("")).toBe("1 2 3 4 5 6");
});

test("output is written at once while its reader is fast enough", () => {
  const read: string[] = [];
  const stream = (): Writable =>
    new Writable({
      decodeStrings: false,
      write(text: string, _encoding, done) {
        read.push(text);
        done();
      },
    });
  const output = new OrderedOutput(stream(), stream(), true);
  output.stdout("1");
  output.stderr("2");
  output.stdout("3");
  expect(read).toEqual(["1", "2", "3"]);
});
