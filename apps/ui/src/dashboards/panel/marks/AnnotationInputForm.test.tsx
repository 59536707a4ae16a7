import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import { AnnotationInputForm } from "./AnnotationInputForm.tsx";
import type { AnnotationInput } from "../../data/annotations/change-annotation.ts";

let page: DrawnPage;
let saved: PromiseWithResolvers<unknown>;
const save = vi.fn<(words: AnnotationInput) => Promise<unknown>>();
const written = { forms: 0 };

beforeEach(async () => {
  saved = Promise.withResolvers();
  save.mockReset().mockImplementation(() => saved.promise);
  written.forms = 0;
  // The text area listens for font loading, so the test environment needs `document.fonts`.
  Object.defineProperty(document, "fonts", { value: new EventTarget(), configurable: true });
  page = new DrawnPage();
  await page.draw(
    <AnnotationInputForm
      initial={{ text: "Deploy", tags: ["api"] }}
      save={save}
      onSaved={() => undefined}
      onCancel={() => undefined}
      onWritten={onWritten}
    />,
  );
});
afterEach(async () => {
  await page.close();
  Reflect.deleteProperty(document, "fonts");
});

const onWritten = () => {
  written.forms++;
  return () => void written.forms--;
};

/** Types into the focused field, as a user does. */
async function typeTag(text: string): Promise<void> {
  await act(async () => page.field("Tags").focus());
  await page.type(page.field("Tags"), text);
}

test("a typed tag is unsaved text before Enter confirms it, and is saved with the form", async () => {
  await typeTag("db");
  expect(written.forms).toBe(1);
  await page.click(page.find("button", "Save"));
  expect(save.mock.calls[0]![0]).toEqual({ text: "Deploy", tags: ["api", "db"] });
});

test("a tag that was removed again or that exists already is not unsaved text", async () => {
  await typeTag("API");
  expect(written.forms).toBe(0);
  await typeTag("d");
  expect(written.forms).toBe(1);
  await typeTag("");
  expect(written.forms).toBe(0);
});

test("the form is read-only while it is saved, and can be edited again if that failed", async () => {
  await page.click(page.find("button", "Save"));
  const areDisabled = () => ["Description", "Tags"].map((label) => page.field(label).disabled);
  expect(areDisabled()).toEqual([true, true]);
  saved.reject(new Error("no"));
  await page.settle();
  expect(areDisabled()).toEqual([false, false]);
  expect(page.field("Description").value).toBe("Deploy");
});
