import { useState } from "react";
import { createRoot } from "react-dom/client";
import { expect, onTestFinished, test, vi } from "vitest";
import type { EditorProps } from "./CodeEditor.tsx";
import { PlainEditor } from "./PlainEditor.tsx";
import { PLAIN_OPTIONS } from "../../testing/editor-options.ts";
import { fullEditorOf } from "./full-editor.ts";

/** A very long timeout (ms), so that the test does not fail on slow machines. */
const PATIENT = { timeout: 60_000 };
vi.setConfig({ testTimeout: 120_000 });

/** A fake of the full editor that shows its properties. */
function Editor({ value, replacedField }: EditorProps) {
  return <output>{JSON.stringify({ value, replacedField })}</output>;
}

/** Renders an expression field. The test resolves `code` to load the editor. */
function openField(text: string, autoFocus = false) {
  const code = Promise.withResolvers<{ readonly default: typeof Editor }>();
  const get = vi.fn<() => typeof code.promise>(() => code.promise);
  const useFullEditor = fullEditorOf(get);
  const executed: string[] = [];
  function Page() {
    const [value, setValue] = useState(text);
    const { field, full } = useFullEditor(value);
    const props = { value, onChange: setValue, onExecute: () => executed.push(value), autoFocus };
    if (full === undefined) return <PlainEditor {...props} ref={field} />;
    return (
      <full.Editor
        {...props}
        {...(full.replacedField && { replacedField: full.replacedField })}
        options={PLAIN_OPTIONS}
      />
    );
  }
  const host = document.body.appendChild(document.createElement("div"));
  const root = createRoot(host);
  root.render(<Page />);
  onTestFinished(() => {
    root.unmount();
    host.remove();
  });
  return {
    executed,
    load: () => code.resolve({ default: Editor }),
    fail: () => code.reject(new Error("gone")),
    get,
    plain: () => expect.poll(() => host.querySelector("textarea"), PATIENT).not.toBeNull(),
    field: () => host.querySelector("textarea")!,
    given: async (): Promise<Pick<EditorProps, "value" | "replacedField">> => {
      await expect.poll(() => host.querySelector("output"), PATIENT).not.toBeNull();
      expect(host.querySelector("textarea")).toBeNull();
      return JSON.parse(host.querySelector("output")!.textContent) as Pick<EditorProps, "value" | "replacedField">;
    },
  };
}

/** Types text over the selection, as a user does. */
function type(field: HTMLTextAreaElement, text: string): void {
  const { value, selectionStart, selectionEnd } = field;
  const next = value.slice(0, selectionStart) + text + value.slice(selectionEnd);
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value")!.set!.call(field, next);
  field.setSelectionRange(selectionStart + text.length, selectionStart + text.length);
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

const press = (field: HTMLElement, key: string, more: KeyboardEventInit = {}): boolean =>
  field.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));

test("the editor takes over the text, the selection and the focus of the plain field", async () => {
  const opened = openField("up", true);
  await opened.plain();
  expect(document.activeElement).toBe(opened.field());
  expect(opened.field().selectionStart).toBe(2);
  type(opened.field(), " + rate(x[5m])");
  opened.field().setSelectionRange(5, 9, "backward");
  opened.load();
  expect(await opened.given()).toEqual({
    value: "up + rate(x[5m])",
    replacedField: { original: "up", anchor: 9, head: 5, hasFocus: true },
  });
});

test("an editor that loads late does not move the focus", async () => {
  const opened = openField("up", true);
  await opened.plain();
  const other = document.body.appendChild(document.createElement("input"));
  onTestFinished(() => other.remove());
  other.focus();
  opened.load();
  expect((await opened.given()).replacedField?.hasFocus).toBe(false);
  expect(document.activeElement).toBe(other);
});

test("the plain field stays during an IME composition", async () => {
  const opened = openField("");
  await opened.plain();
  const field = opened.field();
  field.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
  await expect.poll(() => opened.get.mock.calls.length, PATIENT).toBe(1);
  opened.load();
  await opened.get.mock.results[0]!.value;
  for (let frame = 0; frame < 3; frame++) await new Promise((resolve) => requestAnimationFrame(resolve));
  expect(opened.field()).toBe(field);
  field.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
  type(field, "é");
  expect((await opened.given()).value).toBe("é");
});

test("Enter in the plain field runs its text, unless it ends an IME composition or inserts a line break", async () => {
  const opened = openField("up");
  await opened.plain();
  press(opened.field(), "Enter", { isComposing: true });
  press(opened.field(), "Enter", { shiftKey: true });
  expect(opened.executed).toEqual([]);
  type(opened.field(), "{a='b'}");
  expect(press(opened.field(), "Enter")).toBe(false);
  expect(opened.executed).toHaveLength(1);
});

test("the plain field stays if the editor's code cannot be loaded", async () => {
  const opened = openField("up");
  await opened.plain();
  const field = opened.field();
  await expect.poll(() => opened.get.mock.calls.length, PATIENT).toBe(1);
  opened.fail();
  await expect(opened.get.mock.results[0]!.value).rejects.toThrow("gone");
  expect(opened.field()).toBe(field);
  type(field, " + 1");
  await expect.poll(() => field.value).toBe("up + 1");
});
