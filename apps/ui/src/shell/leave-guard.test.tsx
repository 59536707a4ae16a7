import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../testing/drawn-page.tsx";
import { useLeaveGuard } from "./leave-guard.ts";

let page: DrawnPage;
beforeEach(() => {
  page = new DrawnPage();
});
afterEach(() => page.close());

function Guarded() {
  useLeaveGuard(true, "Leave?");
  // The test stays on its page, whatever the guard decides.
  return (
    <a href="/elsewhere" onClick={(event) => event.preventDefault()}>
      Elsewhere
    </a>
  );
}

/** Unloads the page, and returns whether the browser would ask the user. */
function isAskedByBrowser(): boolean {
  const event = new Event("beforeunload", { cancelable: true });
  dispatchEvent(event);
  return event.defaultPrevented;
}

test("a user who agrees to follow a link is not asked again by the browser, but is the next time", async () => {
  const questions: string[] = [];
  let agrees = true;
  vi.stubGlobal("confirm", (question: string) => {
    questions.push(question);
    return agrees;
  });
  await page.draw(<Guarded />);
  expect(isAskedByBrowser()).toBe(true);
  await page.click(page.find("a", "Elsewhere"));
  expect(questions).toEqual(["Leave?"]);
  expect(isAskedByBrowser()).toBe(false);
  expect(isAskedByBrowser()).toBe(true);
  agrees = false;
  await page.click(page.find("a", "Elsewhere"));
  expect(isAskedByBrowser()).toBe(true);
});
