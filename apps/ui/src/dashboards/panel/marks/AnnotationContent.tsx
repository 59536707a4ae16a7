import { ActionIcon, Badge, Button, Group, Text } from "@mantine/core";
import { formatTime } from "@narthex/dashboards";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import type { PanelAnnotation } from "../../contracts/panel-kind.ts";
import { RenderedText } from "../../panels/text/RenderedText.tsx";
import { AnnotationInputForm } from "./AnnotationInputForm.tsx";
import { CardActions } from "./CardActions.tsx";
import { changeAnnotation, removeAnnotation } from "../../data/annotations/change-annotation.ts";
import styles from "./AnnotationCard.module.css";

const css = classesOf(styles);

interface AnnotationContentProps {
  readonly mark: PanelAnnotation;
  readonly zone: string;
  readonly canChange: boolean;
  /** Called when the user starts to edit the annotation, so that the card stays open. */
  readonly onChanging: () => void;
  readonly onWritten: () => () => void;
  /** Called after the annotation was changed or deleted. */
  readonly onChanged: () => void;
}

export function timesOf({ time, timeEnd }: Pick<PanelAnnotation, "time" | "timeEnd">, zone: string): string {
  const words = (ms: number): string => formatTime(ms, zone, "YYYY-MM-DD HH:mm:ss");
  return timeEnd === undefined || timeEnd <= time ? words(time) : `${words(time)} – ${words(timeEnd)}`;
}

/** Details of an annotation on the time axis. Buttons edit and delete it if it is stored on the server. */
export function AnnotationContent({ mark, zone, canChange, onChanging, onWritten, onChanged }: AnnotationContentProps) {
  const { title, text, tags, color, id } = mark;
  const [doing, setDoing] = useState<"nothing" | "editing" | "removing">("nothing");
  const start = (what: "editing" | "removing"): void => {
    setDoing(what);
    onChanging();
  };
  return (
    <article className={css("mark")} style={{ borderColor: color }}>
      <header className={css("head")}>
        <time className={css("time")}>{timesOf(mark, zone)}</time>
        {canChange && id !== undefined && doing === "nothing" && (
          <Group gap={2} wrap="nowrap">
            <ActionIcon size="sm" variant="subtle" aria-label="Edit annotation" onClick={() => start("editing")}>
              <IconPencil size={15} aria-hidden />
            </ActionIcon>
            <ActionIcon
              size="sm"
              variant="subtle"
              color="red"
              aria-label="Delete annotation"
              onClick={() => start("removing")}
            >
              <IconTrash size={15} aria-hidden />
            </ActionIcon>
          </Group>
        )}
      </header>
      {title !== "" && <strong className={css("title")}>{title}</strong>}
      {doing === "editing" && id !== undefined ? (
        <AnnotationInputForm
          initial={{ text, tags }}
          save={(words) => changeAnnotation(id, words)}
          onSaved={onChanged}
          onCancel={() => setDoing("nothing")}
          onWritten={onWritten}
        />
      ) : (
        <>
          {text !== "" && <RenderedText text={text} mode="html" className={css("text")} />}
          {tags.length > 0 && (
            <Group gap={4}>
              {[...new Set(tags)].map((tag) => (
                <Badge key={tag} size="sm" variant="light" tt="none">
                  {tag}
                </Badge>
              ))}
            </Group>
          )}
        </>
      )}
      {doing === "removing" && id !== undefined && (
        <Removal id={id} onRemoved={onChanged} onCancel={() => setDoing("nothing")} />
      )}
    </article>
  );
}

function Removal({ id, onRemoved, onCancel }: { id: number; onRemoved: () => void; onCancel: () => void }) {
  const removing = useMutation({ mutationFn: removeAnnotation, onSuccess: onRemoved });
  return (
    <>
      <Text size="sm">Delete this annotation? This cannot be undone.</Text>
      <CardActions error={removing.error} onCancel={onCancel}>
        <Button size="xs" color="red.8" loading={removing.isPending} onClick={() => removing.mutate(id)}>
          Delete
        </Button>
      </CardActions>
    </>
  );
}
