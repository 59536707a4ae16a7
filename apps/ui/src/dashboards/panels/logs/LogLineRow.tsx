import { CopyButton } from "@mantine/core";
import { IconArrowsVertical, IconCopy, IconFilter } from "@tabler/icons-react";
import { memo, useState } from "react";
import { addressOf } from "../../../shell/link-anchor.ts";
import { classesOf } from "../../../shell/style-sheet.ts";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import type { AddFilter } from "../../data/add-filter.ts";
import { LineContext } from "./context/LineContext.tsx";
import type { LogLine } from "./log-lines.ts";
import styles from "./LogLineRow.module.css";

const css = classesOf(styles);

/** Number of characters of a closed line that are shown. Open lines show more. */
const CLOSED_CHARS = 5000;
const OPEN_CHARS = 100_000;
/** Largest number of links at the end of a closed line. Open lines show all links. */
const MAX_LINE_LINKS = 3;

interface LogLineRowProps {
  readonly line: LogLine;
  /** Position of the line in the list, from 1, and the number of all lines. */
  readonly position: number;
  readonly total: number;
  /** Formatted time; empty if times are hidden. */
  readonly time: string;
  /** Labels in which the line differs from other lines, as text; empty if labels are hidden. */
  readonly labels: string;
  readonly isWrapped: boolean;
  readonly hasDetails: boolean;
  readonly isOpen: boolean;
  readonly onToggle: (key: string, isOpen: boolean) => void;
  readonly onFilter: AddFilter | undefined;
  readonly linksOf: PanelContext["linksOf"];
  readonly isNewestFirst: boolean;
  /** Returns the uid of the data source of a line, if the source can list the lines around it. */
  readonly contextOf: (line: LogLine) => string | undefined;
}

/** Shows a log line. If details are enabled, a click or Enter opens the labels and fields of the line. */
export const LogLineRow = memo(function LogLineRow(props: LogLineRowProps) {
  const { line, isOpen, isWrapped, hasDetails, onToggle, position, total } = props;
  const summary = <Summary {...props} />;
  return (
    <div
      role="listitem"
      aria-posinset={position}
      aria-setsize={total}
      data-level={line.level}
      className={isWrapped || isOpen ? css("line", "wrapped") : css("line")}
    >
      {hasDetails ? (
        <details open={isOpen} onToggle={({ currentTarget: { open } }) => open !== isOpen && onToggle(line.key, open)}>
          <summary className={css("summary")}>{summary}</summary>
          {isOpen && <Details {...props} />}
        </details>
      ) : (
        summary
      )}
      {!isOpen && <LineLinks {...props} />}
    </div>
  );
});

/** Shows the first links of a closed line at its end, for example to a trace, if the pointer or the focus is there. */
function LineLinks({ line: { details, frame, row }, linksOf }: LogLineRowProps) {
  const linked = details.filter(({ field }) => (field.config.links?.length ?? 0) > 0);
  if (linked.length === 0) return null;
  const links = linked.flatMap(({ field }) => linksOf({ frame, field, row })).slice(0, MAX_LINE_LINKS);
  return (
    <div className={css("lineLinks")}>
      {links.map((link, index) => (
        <a key={index} {...addressOf(link)}>
          {link.title}
        </a>
      ))}
    </div>
  );
}

function Summary({ line, time, labels, isOpen }: LogLineRowProps) {
  return (
    <>
      {line.level !== "unknown" && <span className={css("level")}>{line.level}: </span>}
      {time !== "" && <span className={css("time")}>{time}</span>}
      {line.count > 1 && <span className={css("count")}>{line.count}×</span>}
      {labels !== "" && <span className={css("labels")}>{labels}</span>}
      <span className={css("text")}>{cut(line.text, isOpen ? OPEN_CHARS : CLOSED_CHARS)}</span>
    </>
  );
}

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)}…` : text);

function Details({ line, onFilter, linksOf, isNewestFirst, contextOf }: LogLineRowProps) {
  const { labels, unfiltered, details, frame, row } = line;
  const [isContextShown, showContext] = useState(false);
  const source = contextOf(line);
  return (
    <div className={css("details")}>
      <dl className={css("values")}>
        {Object.entries(labels).map(([name, value]) => (
          <div key={`label ${name}`} className={css("detail")}>
            <dt>{name}</dt>
            <dd>
              {cut(value, CLOSED_CHARS)}
              {onFilter !== undefined && !unfiltered.has(name) && (
                <button
                  type="button"
                  className={css("tool")}
                  title="Show only lines with this value"
                  aria-label={`Show only lines with ${name} = ${cut(value, 100)}`}
                  onClick={() => onFilter(name, value)}
                >
                  <IconFilter size={13} aria-hidden />
                </button>
              )}
            </dd>
          </div>
        ))}
        {details.map(({ name, value, field }, at) => (
          <div key={`field ${at}`} className={css("detail")}>
            <dt>{name}</dt>
            <dd>
              {cut(value, CLOSED_CHARS)}
              {linksOf({ frame, field, row }).map((link, index) => (
                <a key={index} className={css("link")} {...addressOf(link)}>
                  {link.title}
                </a>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <CopyButton value={line.text}>
        {({ copied, copy }) => (
          <button type="button" className={css("copy")} onClick={copy}>
            <IconCopy size={13} aria-hidden /> {copied ? "Copied" : "Copy line"}
          </button>
        )}
      </CopyButton>
      {source !== undefined && (
        <button
          type="button"
          className={css("copy")}
          aria-expanded={isContextShown}
          onClick={() => showContext(!isContextShown)}
        >
          <IconArrowsVertical size={13} aria-hidden /> {isContextShown ? "Hide context" : "Show context"}
        </button>
      )}
      {source !== undefined && isContextShown && (
        <LineContext line={line} source={source} isNewestFirst={isNewestFirst} />
      )}
    </div>
  );
}
