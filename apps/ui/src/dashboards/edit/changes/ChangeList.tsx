import { Text } from "@mantine/core";
import { compareDashboards, type Difference, type JsonObject, readSource } from "@narthex/dashboards";
import { useMemo } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import styles from "./ChangeList.module.css";

const css = classesOf(styles);

/** Maximum number of changes that are listed. If there are more, the list ends with their number. */
const MAX_DRAWN = 300;
/** Maximum number of characters of a value that are shown. */
const MAX_LETTERS = 1500;

/** Returns the differences between two versions of a dashboard. Properties that every save changes are left out. */
export const changesBetween = (before: JsonObject, after: JsonObject): readonly Difference[] =>
  compareDashboards(readSource(before).dashboard, readSource(after).dashboard).filter(
    ({ panel, path }) => panel !== undefined || path !== "uid",
  );

/** The changes of a dashboard, listed by their paths. */
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
        {changes.slice(0, MAX_DRAWN).map((change) => (
          <ChangeLine key={`${change.kind} ${change.panel?.id ?? ""} ${change.path}`} change={change} />
        ))}
      </ul>
      {changes.length > MAX_DRAWN && (
        <Text size="sm" c="dimmed">
          There are {changes.length - MAX_DRAWN} further changes.
        </Text>
      )}
    </>
  );
}

function ChangeLine({ change: { panel, kind, path, before, after } }: { change: Difference }) {
  return (
    <li className={css("change")} data-kind={kind}>
      <div className={css("path")}>
        <span className={css("kind")}>{kind}</span> {panel !== undefined && <b>{panelName(panel)} </b>}
        {path}
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

const panelName = ({ id, title }: NonNullable<Difference["panel"]>): string =>
  title === "" ? `Panel ${id}` : `${title} (${id})`;

function shortJson(value: unknown): string {
  const text = JSON.stringify(value, undefined, 2);
  return text.length > MAX_LETTERS ? `${text.slice(0, MAX_LETTERS)}\n…` : text;
}
