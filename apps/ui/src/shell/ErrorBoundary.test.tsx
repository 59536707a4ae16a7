import { MantineProvider } from "@mantine/core";
import { act } from "react";
import { createRoot } from "react-dom/client";
import type { Root } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ErrorBoundary } from "./ErrorBoundary.tsx";

let page: HTMLElement;
let root: Root;

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  page = document.body.appendChild(document.createElement("div"));
  // Prevents React from logging caught errors.
  root = createRoot(page, { onCaughtError: () => undefined });
});
afterEach(async () => {
  await act(async () => root.unmount());
  page.remove();
  vi.unstubAllGlobals();
});

let fault: string | undefined;

function Part() {
  if (fault !== undefined) throw new Error(fault);
  return <p>drawn</p>;
}

const show = (of: string): Promise<void> =>
  act(async () =>
    root.render(
      <MantineProvider>
        <h1>Page</h1>
        <ErrorBoundary of={of}>
          <Part />
        </ErrorBoundary>
      </MantineProvider>,
    ),
  );

test("a failed part shows its error and the rest of the page stays, until the part's key changes or the user retries", async () => {
  fault = "Invalid time value";
  await show("one");
  expect(page.textContent).toContain("Page");
  expect(page.textContent).toContain("Invalid time value");
  fault = undefined;
  await show("one");
  expect(page.textContent).not.toContain("drawn");
  await show("two");
  expect(page.textContent).toContain("drawn");
  fault = "again";
  await show("two");
  expect(page.textContent).toContain("again");
  fault = undefined;
  await act(async () => page.querySelector("button")?.click());
  expect(page.textContent).toContain("drawn");
});
