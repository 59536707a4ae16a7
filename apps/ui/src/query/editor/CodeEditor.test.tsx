import { EditorView } from "@codemirror/view";
import { useState } from "react";
import { createRoot } from "react-dom/client";
import { expect, test, vi } from "vitest";
import CodeEditor from "./CodeEditor.tsx";
import type { EditorOptions } from "./extensions.ts";

const OPTIONS: EditorOptions = {
  language: "text",
  autocomplete: false,
  highlighting: false,
  linter: false,
  history: false,
  metricNames: [],
};

/** For what never comes. */
const PATIENT = { timeout: 300_000 };
vi.setConfig({ testTimeout: 600_000 });

interface Probe {
  readonly view: EditorView;
  /** Text as the page around the editor has it. */
  readonly shown: HTMLElement;
  readonly replace: (text: string) => void;
  readonly executed: readonly string[];
}

function Page({ executed, onReady }: { executed: string[]; onReady: (replace: (text: string) => void) => void }) {
  const [text, setText] = useState("");
  onReady(setText);
  return (
    <>
      <output>{text}</output>
      <CodeEditor
        value={text}
        onChange={setText}
        onExecute={() => executed.push(text)}
        autoFocus={false}
        options={OPTIONS}
      />
    </>
  );
}

async function openPage(): Promise<Probe> {
  const host = document.body.appendChild(document.createElement("div"));
  const executed: string[] = [];
  let replace: (text: string) => void = () => undefined;
  createRoot(host).render(<Page executed={executed} onReady={(set) => (replace = set)} />);
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

test("a key that comes while the page takes the text before it is not undone", async () => {
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

test("Enter runs the text with the key just before it", async () => {
  const { view, executed } = await openPage();
  type(view, "up");
  view.contentDOM.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
  expect(executed).toEqual(["up"]);
});

test("a text that the page sets takes the place of what was typed", async () => {
  const { view, shown, replace } = await openPage();
  type(view, "up");
  replace("sum(up)");
  await expect.poll(() => view.state.doc.toString(), PATIENT).toBe("sum(up)");
  type(view, " + 1");
  await expect.poll(() => shown.textContent, PATIENT).toBe("sum(up) + 1");
});
