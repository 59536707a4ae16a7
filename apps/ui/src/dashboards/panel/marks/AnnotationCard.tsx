import { Button, Popover, Portal, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useLeaveGuard } from "../../../shell/leave-guard.ts";
import { classesOf } from "../../../shell/style-sheet.ts";
import { AlertContent, SilenceContent } from "./AlertContent.tsx";
import { AnnotationInputForm } from "./AnnotationInputForm.tsx";
import { CardActions } from "./CardActions.tsx";
import { addAnnotation } from "../../data/annotations/change-annotation.ts";
import { timesOf, AnnotationContent } from "./AnnotationContent.tsx";
import type { ShownMarks } from "./shown-marks.ts";
import styles from "./AnnotationCard.module.css";

const css = classesOf(styles);

/** Maximum number of marks on a time axis whose details are shown. Further marks are only counted. */
const MAX_SHOWN = 10;

export interface AnnotationCardProps {
  readonly shown: ShownMarks;
  readonly zone: string;
  readonly dashboardUid: string;
  readonly panelId: number;
  readonly canChange: boolean;
  readonly onEnter: () => void;
  readonly onLeave: () => void;
  /** Keeps the card open until the user closes it. */
  readonly onKeep: () => void;
  /** Closes the card. Asks for confirmation first if there is unsaved text. */
  readonly onDismiss: () => void;
  readonly onClose: () => void;
  /** Called when the user wants to keep unsaved text and returns to the form. */
  readonly onContinue: () => void;
  /** Called when a form has unsaved text. The form calls the returned function when it has no unsaved text any more. */
  readonly onWritten: () => () => void;
  /** Called after an annotation was created, changed or deleted. */
  readonly onChanged: () => void;
}

/** A card next to the time axis that shows the content of marks, or the form for a new annotation. */
export function AnnotationCard(props: AnnotationCardProps) {
  const { shown, onEnter, onLeave, onKeep, onDismiss, onClose, onContinue } = props;
  const [isChanging, setChanging] = useState(false);
  useLeaveGuard(shown.written > 0, "Your annotation is not saved. Leave the dashboard without saving it?");
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
        // A click outside the card does not close it while it contains a form, because the form's text would be lost.
        closeOnClickOutside={!isForm}
        onDismiss={onDismiss}
      >
        <Popover.Target>
          <div className={css("anchor")} style={shown.rect} />
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
            <MarkContents
              {...props}
              onKeep={() => {
                setChanging(true);
                onKeep();
              }}
            />
          )}
          {shown.isConfirming && <DiscardConfirmation onContinue={onContinue} onDiscard={onClose} />}
        </Popover.Dropdown>
      </Popover>
    </Portal>
  );
}

/** Asks for confirmation before unsaved text is discarded. */
function DiscardConfirmation({ onContinue, onDiscard }: { onContinue: () => void; onDiscard: () => void }) {
  const continueButton = useRef<HTMLButtonElement>(null);
  useEffect(() => continueButton.current?.focus(), []);
  return (
    <div role="alert">
      <Text size="sm" mb={6}>
        Your text is not saved. Discard it?
      </Text>
      <CardActions cancel="Continue writing" cancelRef={continueButton} onCancel={onContinue}>
        <Button size="xs" color="red.8" onClick={onDiscard}>
          Discard
        </Button>
      </CardActions>
    </div>
  );
}

function NewAnnotation({ shown, zone, dashboardUid, panelId, onChanged, onClose, onWritten }: AnnotationCardProps) {
  const { from, to } = shown.range;
  return (
    <>
      <p className={css("time")}>{timesOf({ time: from, timeEnd: to }, zone)}</p>
      <AnnotationInputForm
        initial={{ text: "", tags: [] }}
        save={(words) => addAnnotation({ dashboardUid, panelId, from, to }, words)}
        onSaved={onChanged}
        onCancel={onClose}
        onWritten={onWritten}
      />
    </>
  );
}

function MarkContents({ shown, zone, canChange, onKeep, onChanged, onWritten }: AnnotationCardProps) {
  const { marks = [] } = shown;
  return (
    <div className={css("marks")}>
      {marks.slice(0, MAX_SHOWN).map((mark, at) => {
        const { id, alert, silence } = mark;
        const key = id ?? `at ${at}`;
        if (alert !== undefined)
          return <AlertContent key={key} mark={mark} alert={alert} zone={zone} canSilence={canChange} />;
        if (silence !== undefined) return <SilenceContent key={key} mark={mark} silence={silence} zone={zone} />;
        return (
          <AnnotationContent
            key={key}
            mark={mark}
            zone={zone}
            canChange={canChange}
            onChanging={onKeep}
            onWritten={onWritten}
            onChanged={onChanged}
          />
        );
      })}
      {marks.length > MAX_SHOWN && (
        <Text size="sm" c="dimmed">
          {marks.length - MAX_SHOWN} more. Select a shorter time range to see them.
        </Text>
      )}
    </div>
  );
}
