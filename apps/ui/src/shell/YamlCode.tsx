import { yamlLanguage } from "@codemirror/lang-yaml";
import { highlightCode, tagHighlighter, tags } from "@lezer/highlight";
import { useMemo } from "react";
import { classesOf } from "./style-sheet.ts";
import styles from "./YamlView.module.css";

const css = classesOf(styles);

const highlighter = tagHighlighter([
  { tag: tags.definition(tags.propertyName), class: css("key") },
  { tag: [tags.string, tags.content], class: css("string") },
  { tag: [tags.labelName, tags.typeName, tags.keyword], class: css("keyword") },
  { tag: tags.comment, class: css("comment") },
]);

/**
 * Returns the CSS class of a YAML token. Unquoted numbers, durations, sizes, booleans and nulls are highlighted as
 * numbers or keywords instead of strings.
 */
function classOf(text: string, className: string): string | undefined {
  if (className !== css("string")) return className;
  if (/^-?\d+(?:\.\d+)?(?:ms|[smhdwy]|[KMGTPE]?i?B)?$/.test(text)) return css("number");
  return /^(?:true|false|null|~)$/.test(text) ? css("keyword") : className;
}

/** Shows YAML with syntax highlighting. */
export default function YamlCode({ yaml }: { yaml: string }) {
  const pieces = useMemo(() => {
    const found: Array<{ readonly text: string; readonly className: string }> = [];
    highlightCode(
      yaml,
      yamlLanguage.parser.parse(yaml),
      highlighter,
      (text, className) => found.push({ text, className }),
      () => found.push({ text: "\n", className: "" }),
    );
    return found;
  }, [yaml]);
  return pieces.map(({ text, className }, index) =>
    className === "" ? (
      text
    ) : (
      <span key={index} className={classOf(text, className)}>
        {text}
      </span>
    ),
  );
}
