import { expect, test } from "vitest";
import { keySequenceReader } from "./key-sequence.ts";

/** Returns the actions that a sequence of keys triggers. `afterMs` is the pause before a key. */
function read(keys: readonly (readonly [key: string, afterMs?: number])[]): unknown[] {
  const reader = keySequenceReader({ v: "view", "p s": "share", "t +": "closer" });
  let now = 0;
  return keys.map(([key, afterMs = 100]) => {
    now += afterMs;
    const event = new KeyboardEvent("keydown", { key });
    Object.defineProperty(event, "timeStamp", { value: now });
    return reader(event);
  });
}

test.each([
  ["a key alone", [["v"]], ["view"]],
  ["two in a row", [["p"], ["s"]], [undefined, "share"]],
  ["the second of another sequence is no key of its own", [["t"], ["v"]], [undefined, undefined]],
  ["after a sequence that is none the next key counts", [["t"], ["v"], ["v"]], [undefined, undefined, "view"]],
  ["two that are too far apart", [["p"], ["s", 1600]], [undefined, undefined]],
  ["a key long after a prefix is one of its own", [["t"], ["v", 1600]], [undefined, "view"]],
  ["shift on the way to a plus", [["t"], ["Shift"], ["+"]], [undefined, undefined, "closer"]],
  ["a prefix twice", [["p"], ["p"], ["s"]], [undefined, undefined, "share"]],
] as const)("%s", (_name, keys, actions) => expect(read(keys)).toEqual(actions));

test("keys are text while the user types, and belong to the browser with Ctrl", () => {
  const reader = keySequenceReader({ v: "view" });
  const input = document.body.appendChild(document.createElement("input"));
  const event = new KeyboardEvent("keydown", { key: "v", bubbles: true });
  input.dispatchEvent(event);
  expect(reader(event)).toBeUndefined();
  expect(reader(new KeyboardEvent("keydown", { key: "v", ctrlKey: true }))).toBeUndefined();
  input.remove();
});
