import { Text } from "@mantine/core";
import { diffJson, type JsonDifference, type JsonObject } from "@narthex/dashboards";
import { useMemo } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import styles from "./ChangeList.module.css";

const css = classesOf(styles);

/** Changes that are drawn; more are counted. */
const MOST_DRAWN = 300;
/** Letters of a value that are shown. */
const MOST_LETTERS = 1500;

/** What every save changes, and nobody. */
const IDENTITY = new Set(["id", "uid", "version"]);

/** Where two versions of a dashboard differ, but for what each save changes by itself. */
export const changesBetween = (before: JsonObject, after: JsonObject): readonly JsonDifference[] =>
  diffJson(before, after).filter(({ path }) => !IDENTITY.has(path));

/** What changed in a dashboard, place by place. */
export function ChangeList({ before, after }: { before: JsonObject; after: JsonObject }) {
  const changes = useMemo(() => changesBetween(before, after), [before, after]);
  if (changes.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        There are no changes.
      </Text>
    );
  }
  return (
    <>
      <ul className={css("list")} aria-label="Changes">
        {changes.slice(0, MOST_DRAWN).map((change) => (
          <ChangeLine key={`${change.kind} ${change.path}`} change={change} />
        ))}
      </ul>
      {changes.length > MOST_DRAWN && (
        <Text size="sm" c="dimmed">
          There are {changes.length - MOST_DRAWN} further changes.
        </Text>
      )}
    </>
  );
}

function ChangeLine({ change: { kind, path, before, after } }: { change: JsonDifference }) {
  return (
    <li className={css("change")} data-kind={kind}>
      <div className={css("path")}>
        <span className={css("kind")}>{kind}</span> {path}
      </div>
      {before !== undefined && (
        <pre className={css("value", "before")} aria-label="Before">
          {shortJson(before)}
        </pre>
      )}
      {after !== undefined && (
        <pre className={css("value", "after")} aria-label="After">
          {shortJson(after)}
        </pre>
      )}
    </li>
  );
}

function shortJson(value: unknown): string {
  const text = JSON.stringify(value, undefined, 2);
  return text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}\n…` : text;
}
