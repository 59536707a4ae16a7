import { formatTime, timeFormats } from "@narthex/dashboards";
import { useMemo, useState } from "react";
import { Link, useLocation } from "react-router";
import { fetchJson } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";
import { TagButton } from "../../../shell/Labels.tsx";
import { errorSentence } from "../../../shell/StatusMessage.tsx";
import { classesOf } from "../../../shell/style-sheet.ts";
import { TextButton } from "../../../shell/TextButton.tsx";
import { useHostDashboard, useHostQuery } from "../../data/host-dashboard.ts";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelProps } from "../../contracts/panel-kind.ts";
import { PanelMessage, PlainList, ScrollingPanel } from "../scrolling/ScrollingPanel.tsx";
import { addressOfMark, annotationParams, type KeptAnnotation, type ListChoice, plainText } from "./kept-annotation.ts";
import { type AnnotationListOptions, annotationListOptions } from "./options.ts";
import styles from "./AnnotationListPanel.module.css";

const css = classesOf(styles);

const nothingChosen: ListChoice = { tags: [], user: undefined };

/** Lists annotations that users created on dashboards, newest first. A click on a tag or a user filters the list. */
export function AnnotationListPanel({ panel, width, height, context: { fill, zone } }: PanelProps) {
  const options = useMemo(() => readOptions(annotationListOptions, panel.options), [panel.options]);
  const [chosen, setChosen] = useState(nothingChosen);
  const { uid, range } = useHostDashboard();
  const params = annotationParams(options, chosen, { uid, range, fill });
  const { data, error } = useHostQuery(["annotations", params], (signal) =>
    fetchJson<readonly KeptAnnotation[]>(`${rootPath}/api/annotations`, { params, signal }),
  );
  return (
    <ScrollingPanel name="Annotations" panel={panel} width={width} height={height}>
      <Chosen chosen={chosen} onChange={setChosen} />
      {error !== null && <PanelMessage isFailure>{errorSentence(error)}</PanelMessage>}
      {data?.length === 0 && <PanelMessage>No annotations found</PanelMessage>}
      {data !== undefined && data.length > 0 && (
        <PlainList>
          {data.map((mark) => (
            <Mark
              key={mark.id}
              mark={mark}
              options={options}
              zone={zone}
              onTag={(tag) => setChosen({ ...chosen, tags: [...new Set([...chosen.tags, tag])] })}
              onUser={() => setChosen({ ...chosen, user: mark })}
            />
          ))}
        </PlainList>
      )}
    </ScrollingPanel>
  );
}

/** Shows the tags and the user by which the list is filtered. A click removes a filter. */
function Chosen({ chosen, onChange }: { chosen: ListChoice; onChange: (chosen: ListChoice) => void }) {
  const { tags, user } = chosen;
  if (tags.length === 0 && user === undefined) return null;
  return (
    <div className={css("chosen")} role="group" aria-label="Filter">
      {user !== undefined && (
        <TagButton title="Show annotations of all users" onClick={() => onChange({ ...chosen, user: undefined })}>
          by {user.login} ✕
        </TagButton>
      )}
      {tags.map((tag) => (
        <TagButton
          key={tag}
          title={`Remove the filter ${tag}`}
          onClick={() => onChange({ ...chosen, tags: tags.filter((other) => other !== tag) })}
        >
          {tag} ✕
        </TagButton>
      ))}
    </div>
  );
}

interface MarkProps {
  readonly mark: KeptAnnotation;
  readonly options: AnnotationListOptions;
  readonly zone: string;
  readonly onTag: (tag: string) => void;
  readonly onUser: () => void;
}

function Mark({ mark, options, zone, onTag, onUser }: MarkProps) {
  const { pathname, search } = useLocation();
  const { uid } = useHostDashboard();
  const words = useMemo(() => plainText(mark.text).trim(), [mark.text]);
  const { time, timeEnd, login, tags } = mark;
  const timeText = (ms: number): string => formatTime(ms, zone, timeFormats.fullDate);
  const { showTime, showUser, showTags } = options;
  return (
    <li className={css("mark")}>
      <Link className={css("text")} to={addressOfMark(mark, options, { uid, address: pathname + search })}>
        {words === "" ? "(no text)" : words}
      </Link>
      {((showUser && login !== "") || showTime) && (
        <div className={css("facts")}>
          {showTime && <span>{timeEnd > time ? `${timeText(time)} – ${timeText(timeEnd)}` : timeText(time)}</span>}
          {showUser && login !== "" && (
            <TextButton title={`Only annotations of ${login}`} onClick={onUser}>
              by {login}
            </TextButton>
          )}
        </div>
      )}
      {showTags && tags.length > 0 && (
        <div className={css("tags")}>
          {[...new Set(tags)].map((tag) => (
            <TagButton key={tag} title={`Only annotations with the tag ${tag}`} onClick={() => onTag(tag)}>
              {tag}
            </TagButton>
          ))}
        </div>
      )}
    </li>
  );
}
