import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../testing/drawn-page.tsx";
import { WaitingSince } from "./WaitingSince.tsx";

let page: DrawnPage;
beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000, toFake: ["setInterval", "clearInterval", "Date"] });
  page = new DrawnPage();
});
afterEach(async () => {
  await page.close();
  vi.useRealTimers();
});

const text = (): string | null | undefined => page.all("[role=timer]")[0]?.textContent;

test("after a second, says for how long an answer is awaited, and cancels the request", async () => {
  const cancel = vi.fn();
  await page.draw(<WaitingSince name="Main" onCancel={cancel} />);
  expect(text()).toBeUndefined();
  await act(async () => vi.advanceTimersByTimeAsync(14_000));
  expect(text()).toBe("Waiting for Main, 14 s Cancel");
  await page.click(page.find("button", "Cancel"));
  expect(cancel).toHaveBeenCalledOnce();
});

test("counts from the time of the request", async () => {
  await page.draw(<WaitingSince name="Main" since={997_000} onCancel={() => undefined} />);
  expect(text()).toBe("Waiting for Main, 3 s Cancel");
});
