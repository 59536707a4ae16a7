import { Popover, Portal, Text } from "@mantine/core";
import { useState } from "react";
import { classesOf } from "../../shell/style-sheet.ts";
import { ToldAlert, ToldSilence } from "../alerts/ToldAlert.tsx";
import { AnnotationWordsForm } from "./AnnotationWordsForm.tsx";
import { addAnnotation } from "./change-annotation.ts";
import { timesOf, ToldAnnotation } from "./ToldAnnotation.tsx";
import type { ShownMarks } from "./use-panel-marks.tsx";
import styles from "./AnnotationCard.module.css";

const css = classesOf(styles);

/** More are told by their number. */
const MOST_TOLD = 10;

export interface AnnotationCardProps {
  readonly shown: ShownMarks;
  readonly zone: string;
  readonly dashboardUid: string;
  readonly panelId: number;
  readonly canChange: boolean;
  readonly onEnter: () => void;
  readonly onLeave: () => void;
  /** It has to stay until it is dismissed. */
  readonly onKeep: () => void;
  readonly onClose: () => void;
  /** Marks are others than they were. */
  readonly onChanged: () => void;
}

/** Beside the axis of times: what marks on it say, or the form of a new one. */
export function AnnotationCard(props: AnnotationCardProps) {
  const { shown, onEnter, onLeave, onKeep, onClose } = props;
  const [isChanging, setChanging] = useState(false);
  const isForm = shown.marks === undefined || isChanging;
  return (
    <Portal>
      <Popover
        opened
        position="bottom"
        offset={4}
        withArrow
        shadow="md"
        width="max-content"
        transitionProps={{ duration: 0 }}
        trapFocus={shown.isKept}
        // A click beside a form must not lose what was written.
        closeOnClickOutside={!isForm}
        onDismiss={onClose}
      >
        <Popover.Target>
          <div className={css("anchor")} style={shown.place} />
        </Popover.Target>
        <Popover.Dropdown
          className={css("card")}
          aria-label={shown.marks === undefined ? "New annotation" : "Annotations"}
          onPointerEnter={onEnter}
          onPointerLeave={onLeave}
        >
          {shown.marks === undefined ? (
            <NewAnnotation {...props} />
          ) : (
            <ToldAnnotations
              {...props}
              onKeep={() => {
                setChanging(true);
                onKeep();
              }}
            />
          )}
        </Popover.Dropdown>
      </Popover>
    </Portal>
  );
}

function NewAnnotation({ shown, zone, dashboardUid, panelId, onChanged, onClose }: AnnotationCardProps) {
  const { from, to } = shown.range;
  return (
    <>
      <p className={css("time")}>{timesOf({ time: from, timeEnd: to }, zone)}</p>
      <AnnotationWordsForm
        initial={{ text: "", tags: [] }}
        save={(words) => addAnnotation({ dashboardUid, panelId, from, to }, words)}
        onSaved={onChanged}
        onCancel={onClose}
      />
    </>
  );
}

function ToldAnnotations({ shown, zone, canChange, onKeep, onChanged }: AnnotationCardProps) {
  const { marks = [] } = shown;
  return (
    <div className={css("marks")}>
      {marks.slice(0, MOST_TOLD).map((mark, at) => {
        const { id, alert, silence } = mark;
        const key = id ?? `at ${at}`;
        if (alert !== undefined)
          return <ToldAlert key={key} mark={mark} alert={alert} zone={zone} canSilence={canChange} />;
        if (silence !== undefined) return <ToldSilence key={key} mark={mark} silence={silence} zone={zone} />;
        return (
          <ToldAnnotation
            key={key}
            mark={mark}
            zone={zone}
            canChange={canChange}
            onChanging={onKeep}
            onChanged={onChanged}
          />
        );
      })}
      {marks.length > MOST_TOLD && (
        <Text size="sm" c="dimmed">
          {marks.length - MOST_TOLD} more: a shorter range of times tells them apart.
        </Text>
      )}
    </div>
  );
}
