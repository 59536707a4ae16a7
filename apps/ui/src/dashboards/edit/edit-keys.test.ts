import { expect, test } from "vitest";
import { editActionOf } from "./edit-keys.ts";

const pressed = (key: string, more: KeyboardEventInit = {}, target: HTMLElement = document.body): KeyboardEvent => {
  const event = new KeyboardEvent("keydown", { key, ctrlKey: true, bubbles: true, ...more });
  target.dispatchEvent(event);
  return event;
};

test("keys undo, redo and save changes of the dashboard, except in a text field, which the browser handles", () => {
  const field = document.body.appendChild(document.createElement("input"));
  expect(editActionOf(pressed("z"))).toBe("undo");
  expect(editActionOf(pressed("Z", { shiftKey: true }))).toBe("redo");
  expect(editActionOf(pressed("y"))).toBe("redo");
  expect(editActionOf(pressed("s"))).toBe("save");
  expect(editActionOf(pressed("z", {}, field))).toBeUndefined();
  expect(editActionOf(pressed("s", {}, field))).toBe("save");
  expect(editActionOf(pressed("z", { ctrlKey: false }))).toBeUndefined();
  field.remove();
});
