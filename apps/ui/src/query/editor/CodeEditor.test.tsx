import { undo, undoDepth } from "@codemirror/commands";
import { EditorView } from "@codemirror/view";
import { useState } from "react";
import { createRoot } from "react-dom/client";
import { expect, test, vi } from "vitest";
import CodeEditor, { type ReplacedField } from "./CodeEditor.tsx";
import { PLAIN_OPTIONS } from "../../testing/editor-options.ts";

/** A very long timeout (ms), so that the test does not fail on slow machines. */
const PATIENT = { timeout: 300_000 };
vi.setConfig({ testTimeout: 600_000 });

interface Probe {
  readonly view: EditorView;
  readonly shown: HTMLElement;
  readonly replace: (text: string) => void;
  readonly executed: readonly string[];
}

function Page({
  executed,
  onReady,
  written,
  replacedField,
}: {
  executed: string[];
  onReady: (replace: (text: string) => void) => void;
  written: string;
  replacedField: ReplacedField | undefined;
}) {
  const [text, setText] = useState(written);
  onReady(setText);
  return (
    <>
      <output>{text}</output>
      <CodeEditor
        value={text}
        onChange={setText}
        onExecute={() => executed.push(text)}
        autoFocus={false}
        options={PLAIN_OPTIONS}
        {...(replacedField && { replacedField })}
      />
    </>
  );
}

async function openPage(written = "", replacedField?: ReplacedField): Promise<Probe> {
  const host = document.body.appendChild(document.createElement("div"));
  const executed: string[] = [];
  let replace: (text: string) => void = () => undefined;
  createRoot(host).render(
    <Page executed={executed} onReady={(set) => (replace = set)} written={written} replacedField={replacedField} />,
  );
  await expect.poll(() => host.querySelector(".cm-editor"), PATIENT).not.toBeNull();
  return {
    view: EditorView.findFromDOM(host.querySelector<HTMLElement>(".cm-editor")!)!,
    shown: host.querySelector("output")!,
    replace,
    executed,
  };
}

const type = (view: EditorView, text: string): void =>
  view.dispatch({ changes: { from: view.state.doc.length, insert: text } });

test("a key that is pressed while the page handles the previous text is kept", async () => {
  const { view, shown } = await openPage();
  const drawn = new Promise<void>((resolve) => {
    new MutationObserver(() => {
      if (shown.textContent !== "u") return;
      type(view, "p");
      resolve();
    }).observe(shown, { childList: true, characterData: true, subtree: true });
  });
  type(view, "u");
  await drawn;
  await expect.poll(() => shown.textContent, PATIENT).toBe("up");
  expect(view.state.doc.toString()).toBe("up");
});

test("Enter runs the text with the key that was pressed just before it", async () => {
  const { view, executed } = await openPage();
  type(view, "up");
  view.contentDOM.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
  expect(executed).toEqual(["up"]);
});

test("a text that the page sets replaces the typed one", async () => {
  const { view, shown, replace } = await openPage();
  type(view, "up");
  replace("sum(up)");
  await expect.poll(() => view.state.doc.toString(), PATIENT).toBe("sum(up)");
  type(view, " + 1");
  await expect.poll(() => shown.textContent, PATIENT).toBe("sum(up) + 1");
});

test("text that was typed into the plain field is one undo step, and its selection stays", async () => {
  const { view, shown } = await openPage("up + 1", { original: "up", anchor: 6, head: 3, hasFocus: false });
  expect(view.state.doc.toString()).toBe("up + 1");
  expect([view.state.selection.main.anchor, view.state.selection.main.head]).toEqual([6, 3]);
  undo(view);
  await expect.poll(() => shown.textContent, PATIENT).toBe("up");
});

test("a selection beyond the end of a shorter text is moved to its end", async () => {
  const { view } = await openPage("up", { original: "up", anchor: 9, head: 1, hasFocus: false });
  expect(view.state.doc.toString()).toBe("up");
  expect([view.state.selection.main.anchor, view.state.selection.main.head]).toEqual([2, 1]);
  const next = await openPage("up", { original: "up + 1", anchor: 3, head: 6, hasFocus: false });
  expect(next.view.state.doc.toString()).toBe("up");
  expect([next.view.state.selection.main.anchor, next.view.state.selection.main.head]).toEqual([2, 2]);
});

test.each(["\r\n", "\r"])("an expression with the line ending %j opens with the cursor at its end", async (lineEnd) => {
  const lines = ["sum(", "up", ")"];
  const { view, shown, replace } = await openPage(lines.join(lineEnd));
  expect(view.state.doc.toString()).toBe("sum(\nup\n)");
  expect(view.state.selection.main.head).toBe(9);
  replace(["a", "b"].join(lineEnd));
  await expect.poll(() => view.state.doc.toString(), PATIENT).toBe("a\nb");
  expect(view.state.selection.main.head).toBe(3);
  type(view, " + 1");
  await expect.poll(() => shown.textContent, PATIENT).toBe("a\nb + 1");
});

test("a text that differs only in line endings keeps the cursor and the undo history", async () => {
  const { view, shown, replace } = await openPage("a\nb");
  view.dispatch({ selection: { anchor: 1 } });
  replace("a\r\nb");
  await expect.poll(() => shown.textContent, PATIENT).toBe("a\r\nb");
  replace("a\nb");
  await expect.poll(() => shown.textContent, PATIENT).toBe("a\nb");
  expect(view.state.selection.main.head).toBe(1);
  expect(undoDepth(view.state)).toBe(0);
});
