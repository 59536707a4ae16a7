import { afterEach, expect, test } from "vitest";
import { dialogOf } from "./page-keys.ts";

afterEach(() => document.body.replaceChildren());

const press = (key: string, init: KeyboardEventInit = {}, target: EventTarget = document.body): KeyboardEvent => {
  const event = new KeyboardEvent("keydown", { key, ...init, bubbles: true });
  target.dispatchEvent(event);
  return event;
};

test("Ctrl+K, and on a Mac Command+K, finds things, also from a text field", () => {
  const input = document.body.appendChild(document.createElement("input"));
  expect(dialogOf(press("k", { ctrlKey: true }), false)).toBe("find");
  expect(dialogOf(press("K", { ctrlKey: true }, input), false)).toBe("find");
  expect(dialogOf(press("k", { metaKey: true }), true)).toBe("find");
  expect(dialogOf(press("k", { ctrlKey: true }), true)).toBeUndefined();
  expect(dialogOf(press("k", { metaKey: true }), false)).toBeUndefined();
  expect(dialogOf(press("k", { ctrlKey: true, shiftKey: true }), false)).toBeUndefined();
  expect(dialogOf(press("k"), false)).toBeUndefined();
});

test("the question mark lists the keys, but not while the user types", () => {
  expect(dialogOf(press("?", { shiftKey: true }))).toBe("keys");
  for (const name of ["input", "textarea", "select"]) {
    const field = document.body.appendChild(document.createElement(name));
    expect(dialogOf(press("?", {}, field)), name).toBeUndefined();
  }
  expect(dialogOf(press("?", { ctrlKey: true }))).toBeUndefined();
});
