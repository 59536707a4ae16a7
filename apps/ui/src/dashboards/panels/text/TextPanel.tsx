import { useMemo } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelProps } from "../../contracts/panel-kind.ts";
import { ScrollingPanel } from "../scrolling/ScrollingPanel.tsx";
import { textOptions } from "./options.ts";
import { RenderedText } from "./RenderedText.tsx";
import styles from "./TextPanel.module.css";

const css = classesOf(styles);

/** Shows a text of the dashboard as Markdown, HTML or code. Variables in the text are replaced. */
export function TextPanel({ panel, width, height, context }: PanelProps) {
  const { mode, content, areLinesNumbered } = useMemo(() => readOptions(textOptions, panel.options), [panel.options]);
  const filled = useMemo(() => context.fill(content), [context, content]);
  return (
    <ScrollingPanel name="Text" panel={panel} width={width} height={height}>
      {mode === "code" ? (
        <Code text={filled} areLinesNumbered={areLinesNumbered} />
      ) : (
        <RenderedText text={filled} mode={mode} className={css("text")} />
      )}
    </ScrollingPanel>
  );
}

function Code({ text, areLinesNumbered }: { text: string; areLinesNumbered: boolean }) {
  const numbers = useMemo(
    () => (areLinesNumbered ? Array.from(text.split("\n"), (_line, index) => index + 1).join("\n") : ""),
    [text, areLinesNumbered],
  );
  return (
    <div className={css("code")}>
      {areLinesNumbered && (
        <pre className={css("numbers")} aria-hidden>
          {numbers}
        </pre>
      )}
      <pre className={css("lines")}>
        <code>{text}</code>
      </pre>
    </div>
  );
}
