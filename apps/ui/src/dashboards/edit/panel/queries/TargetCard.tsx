import { IconCopy, IconGripVertical } from "@tabler/icons-react";
import { type DataSourceRef, findSource } from "@narthex/dashboards";
import { useDashboardContext } from "../../../data/dashboard-context.ts";
import { DraftText } from "../inputs/DraftText.tsx";
import { HideTool, MoveTools, RemoveTool } from "../inputs/ItemTools.tsx";
import { Tool } from "../inputs/Tool.tsx";
import { EntryCard } from "../EntryCard.tsx";
import { usePanelEditing } from "../panel-edit-context.ts";
import { EXPRESSION, formOfQuery } from "./query-kinds.ts";
import { MIXED, SourcePick } from "./SourcePick.tsx";
import { refOf, type TargetEntry } from "./target-list.ts";
import { classesOf } from "../../../../shell/style-sheet.ts";
import styles from "./TargetCard.module.css";

const css = classesOf(styles);

interface TargetCardProps {
  readonly target: TargetEntry;
  readonly ownRef: DataSourceRef | undefined;
  readonly isMixed: boolean;
  readonly others: readonly string[];
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly isDragged: boolean;
  readonly onDrag: (at: number | undefined) => void;
  readonly onDrop: () => void;
  readonly onMove: (by: number) => void;
  readonly onRemove: () => void;
  readonly onDuplicate: () => void;
}

export function TargetCard(props: TargetCardProps) {
  const { target, ownRef, isMixed, others } = props;
  const { sources, edit } = usePanelEditing();
  const { lookupFor } = useDashboardContext();
  const { at, json, refId } = target;
  const given = refOf(json);
  const ref = given === undefined || given.uid === MIXED ? ownRef : given;
  const isExpression = ref?.type === EXPRESSION || ref?.uid === EXPRESSION;
  const source = isExpression ? undefined : findSource(ref, sources, lookupFor());
  const { Form } = formOfQuery(isExpression, source);
  const set = (key: string, value: unknown): void => edit([{ path: ["targets", at, key], value }]);
  const rename = (name: string): void => {
    if (name !== "" && !others.includes(name)) set("refId", name);
  };
  return (
    <EntryCard
      name={`query ${refId}`}
      aria-label={`Query ${refId}`}
      isOff={json["hide"] === true}
      isDragged={props.isDragged}
      onDragOver={(event) => event.preventDefault()}
      onDrop={props.onDrop}
      head={
        <>
          <DraftText label={`Name of query ${refId}`} value={refId} className={css("name")} onCommit={rename} />
          {isMixed && !isExpression ? (
            <div className={css("source")}>
              <SourcePick label={`Data source of ${refId}`} value={ref} onChange={(next) => set("datasource", next)} />
            </div>
          ) : (
            <span className={css("of")}>{isExpression ? "Expression" : (source?.name ?? "")}</span>
          )}
        </>
      }
      tools={<Tools {...props} isHidden={json["hide"] === true} onHide={(hide) => set("hide", hide || undefined)} />}
    >
      <Form
        refId={refId}
        query={json}
        source={source}
        others={others}
        onEdit={(edits) => edit(edits.map(({ path, value }) => ({ path: ["targets", at, ...path], value })))}
      />
    </EntryCard>
  );
}

function Tools({
  target: { at, refId },
  isFirst,
  isLast,
  isHidden,
  onDrag,
  onMove,
  onRemove,
  onDuplicate,
  onHide,
}: TargetCardProps & { isHidden: boolean; onHide: (hide: boolean) => void }) {
  return (
    <>
      <MoveTools name={`query ${refId}`} isFirst={isFirst} isLast={isLast} onMove={onMove} />
      <Tool label={`Duplicate query ${refId}`} onClick={onDuplicate}>
        <IconCopy size={14} />
      </Tool>
      <HideTool label={`Hide response of query ${refId}`} isHidden={isHidden} onHide={onHide} />
      <RemoveTool name={`query ${refId}`} onClick={onRemove} />
      <span
        className={css("grip")}
        draggable
        aria-hidden
        onDragStart={(event) => {
          event.dataTransfer.setData("text/plain", refId);
          onDrag(at);
        }}
        onDragEnd={() => onDrag(undefined)}
      >
        <IconGripVertical size={14} />
      </span>
    </>
  );
}
