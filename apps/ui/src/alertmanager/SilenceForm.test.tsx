import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../testing/drawn-page.tsx";
import { editorSettings, KnownViewer, viewerSettings } from "../testing/known-viewer.tsx";
import { newDraft } from "./silence-draft.ts";
import { SilenceForm } from "./SilenceForm.tsx";

let page: DrawnPage;
let saved: number;
/** Lets the server answer the request that saves the silence. */
let answer: (response: Response) => void;
let settings: object;

beforeEach(() => {
  page = new DrawnPage();
  saved = 0;
  // Fields that grow with their text wait for fonts, which the simulated page does not have.
  Object.defineProperty(document, "fonts", { value: new EventTarget(), configurable: true });
  vi.stubGlobal("fetch", async (url: string, { method = "GET" }: RequestInit) => {
    if (url.endsWith("/api/frontend/settings")) return Response.json(settings);
    if (method === "GET") return Response.json([]);
    saved++;
    return new Promise<Response>((resolve) => (answer = resolve));
  });
});
afterEach(async () => {
  await page.close();
  Reflect.deleteProperty(document, "fonts");
});

const search = `?${new URLSearchParams({ filter: '{a="b"}', comment: "on it" })}`;
const initial = newDraft(search, { nowMs: Date.UTC(2026, 0, 1), zone: "UTC", creator: "ann" });

async function draw(user: object): Promise<void> {
  settings = user;
  await page.draw(<KnownViewer />);
  await page.settle();
  await page.draw(
    <>
      <KnownViewer />
      <SilenceForm initial={initial} />
    </>,
  );
}

async function pressInComment(repeat: boolean): Promise<void> {
  const comment = page.all<HTMLTextAreaElement>("textarea").find(({ value }) => value === "on it")!;
  const init = { key: "Enter", ctrlKey: true, repeat, bubbles: true, cancelable: true };
  await act(async () => comment.dispatchEvent(new KeyboardEvent("keydown", init)));
  await page.settle();
}

test("Ctrl+Enter saves the silence once, while the key is held and while the request runs", async () => {
  await draw(editorSettings);
  await pressInComment(true);
  expect(saved).toBe(0);
  await pressInComment(false);
  await pressInComment(true);
  await pressInComment(false);
  expect(saved).toBe(1);
  await act(async () => answer(Response.json("no space left", { status: 500 })));
  await page.until(() => expect(document.body.textContent).toContain("The silence was not saved"));
  await pressInComment(false);
  expect(saved).toBe(2);
});

test("Ctrl+Enter saves nothing for a user without the right", async () => {
  await draw(viewerSettings);
  expect(page.find<HTMLButtonElement>("button", "Create").disabled).toBe(true);
  await pressInComment(false);
  expect(saved).toBe(0);
});
