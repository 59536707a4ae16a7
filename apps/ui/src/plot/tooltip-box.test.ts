import { afterEach, beforeEach, expect, test } from "vitest";
import { TooltipBox, tooltipHead, tooltipLine, tooltipLines, tooltipNote } from "./tooltip-box.ts";

let box: TooltipBox;
beforeEach(() => {
  box = new TooltipBox();
  box.attach();
});
afterEach(() => box.remove());

const lines = (...names: string[]) =>
  tooltipLines(names.map((name) => tooltipLine({ name, text: `${name}!`, color: "red" })));
const element = (): Element => document.body.querySelector('[role="tooltip"]')!;

test("a tooltip that is shown again reuses its elements, and shows the new texts", () => {
  box.showAt(10, 10, [tooltipHead("10:00"), lines("a", "b"), tooltipNote("1 more")]);
  const [head] = element().children;
  expect(element().textContent).toBe("10:00aa!bb!1 more");
  box.showAt(20, 10, [tooltipHead("10:01"), lines("c")]);
  expect(element().textContent).toBe("10:01cc!");
  expect(element().children[0]).toBe(head);
  box.showAt(20, 10, [lines("d", "e", "f")]);
  expect(element().textContent).toBe("dd!ee!ff!");
  box.showAt(20, 10, [document.createElement("canvas"), tooltipNote("x")]);
  expect(element().firstElementChild?.tagName).toBe("CANVAS");
  expect(box.isShown).toBe(true);
  // The tooltip is not a live region, because a screen reader would read it at each pointer move.
  expect(element().hasAttribute("aria-live")).toBe(false);
  box.hide();
  expect(box.isShown).toBe(false);
});
