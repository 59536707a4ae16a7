import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../testing/drawn-page.tsx";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { watchFiles } from "./missing-files.ts";
import { whenLoaded } from "./when-loaded.tsx";

let page: DrawnPage;
let stopWatching: () => void;
/** Whether the server responds to requests for the page. */
let isServed: boolean;
const reload = vi.fn<() => void>();

beforeEach(() => {
  sessionStorage.clear();
  isServed = true;
  page = new DrawnPage();
  stopWatching = watchFiles();
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  vi.spyOn(location, "reload").mockImplementation(reload);
  vi.stubGlobal("fetch", async () => {
    if (!isServed) throw new TypeError("Failed to fetch");
    return new Response();
  });
});
afterEach(async () => {
  stopWatching();
  await page.close();
  reload.mockReset();
  vi.restoreAllMocks();
});

/** A page whose file is missing. The loader reports the error as the bundler does in a browser. */
const pageOf = (file: string) =>
  whenLoaded<object>(() => {
    const error = new TypeError(`Failed to fetch dynamically imported module: ${file}`);
    const event = Object.assign(new Event("vite:preloadError", { cancelable: true }), { payload: error });
    dispatchEvent(event);
    return Promise.reject(error);
  });

async function open(file: string, isPage = true): Promise<void> {
  const Page = pageOf(file);
  await page.draw(
    <ErrorBoundary of={file} isPage={isPage}>
      <Page />
    </ErrorBoundary>,
  );
}

const shown = (): string => document.body.textContent ?? "";

test("a page with a missing file is reloaded once, and then shows an error with a button", async () => {
  await open("/assets/page-1.js");
  expect(reload).toHaveBeenCalledTimes(1);
  await open("/assets/page-1.js");
  await page.settle();
  expect(reload).toHaveBeenCalledTimes(1);
  expect(shown()).toContain("Files of this page could not be loaded");
  expect(shown()).toContain("/assets/page-1.js");
  await page.click(page.find("button", "Reload the page"));
  expect(reload).toHaveBeenCalledTimes(2);
});

test("a different missing file, as after a later update, causes another reload", async () => {
  await open("/assets/page-1.js");
  await open("/assets/page-2.js");
  expect(reload).toHaveBeenCalledTimes(2);
});

test("while the server does not respond, the page stays and shows an error", async () => {
  isServed = false;
  await open("/assets/page-1.js");
  expect(reload).not.toHaveBeenCalled();
  expect(shown()).toContain("Files of this page could not be loaded");
});

test("a page with unsaved changes is not reloaded automatically", async () => {
  const hold = (event: Event): void => event.preventDefault();
  addEventListener("beforeunload", hold);
  try {
    await open("/assets/page-1.js");
  } finally {
    removeEventListener("beforeunload", hold);
  }
  expect(reload).not.toHaveBeenCalled();
  page.find("button", "Reload the page");
});

test("a part with a missing file leaves the rest of the page and shows the button", async () => {
  await open("/assets/part-1.js", false);
  expect(reload).not.toHaveBeenCalled();
  page.find("button", "Reload the page");
});
