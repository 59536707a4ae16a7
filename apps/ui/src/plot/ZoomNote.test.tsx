import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../testing/drawn-page.tsx";
import ZoomNote from "./ZoomNote.tsx";

const NOON = Date.UTC(2026, 0, 1, 12);
const range = { from: NOON + 60_000, to: NOON + 545_000 };

let page: DrawnPage;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  page = new DrawnPage();
});
afterEach(async () => {
  await page.close();
  vi.useRealTimers();
});

const draw = async (to = range.to) => {
  const [onUndo, onEnd] = [vi.fn(), vi.fn()];
  await page.draw(<ZoomNote range={{ ...range, to }} zone="UTC" onUndo={onUndo} onEnd={onEnd} />);
  return { onUndo, onEnd };
};
const text = (): string | null | undefined => page.all("[role=status]")[0]?.textContent;

test("contains the times, with dates if they are in different days", async () => {
  await draw();
  expect(text()).toBe("Zoomed to 12:01:00 to 12:09:05");
  await draw(NOON + 86_400_000);
  expect(text()).toBe("Zoomed to 2026-01-01 12:01 to 2026-01-02 12:00");
});

test("ends by itself, but not while the focus is in it", async () => {
  const { onUndo, onEnd } = await draw();
  const undo = page.find("button", "Undo");
  await act(async () => undo.focus());
  await act(async () => vi.advanceTimersByTimeAsync(60_000));
  expect(onEnd).not.toHaveBeenCalled();
  await act(async () => undo.blur());
  await act(async () => vi.advanceTimersByTimeAsync(20_000));
  expect(onEnd).toHaveBeenCalledOnce();
  await page.click(undo);
  expect(onUndo).toHaveBeenCalledOnce();
});

const move = (isInside: boolean) =>
  act(async () => {
    // React derives the events of an entering or leaving pointer from these.
    const [from, to] = isInside ? [document.body, note()] : [note(), document.body];
    from.dispatchEvent(new PointerEvent("pointerout", { bubbles: true, relatedTarget: to }));
    to.dispatchEvent(new PointerEvent("pointerover", { bubbles: true, relatedTarget: from }));
  });
const note = () => page.find("[role=group]", /^Zoomed to/);
const undoButton = () => page.find("button", "Undo");
const steps = {
  enters: () => move(true),
  leaves: () => move(false),
  focuses: () => act(async () => undoButton().focus()),
  blurs: () => act(async () => undoButton().blur()),
};

test.each([
  [["enters"], false],
  [["enters", "leaves"], true],
  [["enters", "focuses", "leaves"], false],
  [["enters", "focuses", "blurs"], false],
  [["focuses", "enters", "leaves"], false],
  [["focuses", "enters", "blurs"], false],
  [["enters", "focuses", "leaves", "blurs"], true],
  [["focuses", "enters", "blurs", "leaves"], true],
] as const)("after the user %s, the note ends by itself: %s", async (taken, ends) => {
  const { onEnd } = await draw();
  for (const step of taken) await steps[step]();
  await act(async () => vi.advanceTimersByTimeAsync(60_000));
  expect(onEnd).toHaveBeenCalledTimes(ends ? 1 : 0);
});
