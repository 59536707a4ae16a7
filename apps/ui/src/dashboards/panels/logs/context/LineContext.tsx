import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import { classesOf } from "../../../../shell/style-sheet.ts";
import type { LogLine } from "../log-lines.ts";
import { type ContextLine, type Direction, fetchContext, linesAfter } from "./context-lines.ts";
import styles from "./LineContext.module.css";

const css = classesOf(styles);

/** Number of lines that each click requests, and the largest number in one direction. */
const LINES = 20;
const MAX_LINES = 500;
/** Number of characters of a line that are shown. */
const SHOWN_CHARS = 5000;

interface LineContextProps {
  readonly line: LogLine;
  /** Uid of the data source. */
  readonly source: string;
  /** Whether the list has the newest line first. */
  readonly isNewestFirst: boolean;
}

/** Shows the lines of the same stream before and after a log line, in the order of the list. */
export function LineContext({ line, source, isNewestFirst }: LineContextProps) {
  const before = useLines(source, line, "before");
  const after = useLines(source, line, "after");
  const following = linesAfter(after.lines, { nanoseconds: line.nanoseconds, text: line.sentText });
  const parts = [
    <Part key="before" of={before} direction="before" shown={before.lines} isReversed={!isNewestFirst} />,
    <p key="line" className={css("line", "own")} aria-current="true">
      {cut(line.sentText)}
    </p>,
    <Part key="after" of={after} direction="after" shown={following} isReversed={isNewestFirst} />,
  ];
  return (
    <div className={css("context")} role="group" aria-label="Lines before and after this line">
      {isNewestFirst ? parts.toReversed() : parts}
    </div>
  );
}

interface Lines {
  readonly lines: readonly ContextLine[];
  readonly answer: UseQueryResult<readonly ContextLine[]>;
  /** Requests more lines; undefined if there are no more, or if the largest number is shown. */
  readonly more: (() => void) | undefined;
}

function useLines(source: string, line: LogLine, direction: Direction): Lines {
  const [limit, setLimit] = useState(LINES);
  const { labels, labelTypes, nanoseconds } = line;
  const answer = useQuery({
    queryKey: ["log context", source, labels, labelTypes, nanoseconds, direction, limit],
    queryFn: ({ signal }) => fetchContext(source, line, { direction, limit }, signal),
    placeholderData: keepPreviousData,
    staleTime: direction === "before" ? Infinity : 0,
    retry: false,
  });
  const lines = answer.data ?? [];
  const hasMore = lines.length >= limit && limit < MAX_LINES;
  return { lines, answer, more: hasMore ? () => setLimit((now) => Math.min(MAX_LINES, now + LINES)) : undefined };
}

function Part({
  of: { answer, more },
  direction,
  shown,
  isReversed,
}: {
  of: Lines;
  direction: Direction;
  shown: readonly ContextLine[];
  isReversed: boolean;
}) {
  const lines = shown.map(({ text }, index) => (
    <p key={index} className={css("line")}>
      {cut(text)}
    </p>
  ));
  const foot =
    answer.error !== null ? (
      <p key="foot" className={css("note")} role="alert">
        {answer.error.message}
      </p>
    ) : more !== undefined ? (
      <button key="foot" type="button" className={css("more")} onClick={more} disabled={answer.isFetching}>
        {LINES} more lines {direction}
      </button>
    ) : (
      <p key="foot" className={css("note")}>
        {answer.isFetching ? "Loading" : `No more lines ${direction} it`}
      </p>
    );
  const parts = [...lines, foot];
  return <>{isReversed ? parts.toReversed() : parts}</>;
}

const cut = (text: string): string => (text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text);
