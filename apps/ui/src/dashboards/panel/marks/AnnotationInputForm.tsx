import { Button, Stack, TagsInput, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useLayoutEffect, useState } from "react";
import { CardActions } from "./CardActions.tsx";
import type { AnnotationInput } from "../../data/annotations/change-annotation.ts";

interface AnnotationInputFormProps {
  readonly initial: AnnotationInput;
  readonly save: (words: AnnotationInput) => Promise<unknown>;
  readonly onSaved: () => void;
  readonly onCancel: () => void;
  /**
   * Called when the form has unsaved text. The form calls the returned function when it has no unsaved text any more.
   */
  readonly onWritten: () => () => void;
}

/** A form for the text and the tags of an annotation. If saving fails, the form keeps the text and shows the error. */
export function AnnotationInputForm({ initial, save, onSaved, onCancel, onWritten }: AnnotationInputFormProps) {
  const [text, setText] = useState(initial.text);
  const [ended, setEnded] = useState([...initial.tags]);
  const [typed, setTyped] = useState("");
  const saving = useMutation({ mutationFn: save, onSuccess: onSaved });
  // Adds the typed tag even if the user did not confirm it with Enter.
  const last = typed.trim();
  const isNew = last !== "" && ended.every((tag) => tag.toLowerCase() !== last.toLowerCase());
  const tags = isNew ? [...ended, last] : ended;
  const isWritten = text !== initial.text || tags.join("\n") !== initial.tags.join("\n");
  // A layout effect runs before the next key event, which could be the Escape key that closes the card.
  useLayoutEffect(() => (isWritten ? onWritten() : undefined), [isWritten, onWritten]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    saving.mutate({ text: text.trim(), tags });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <Textarea
          label="Description"
          autosize
          minRows={2}
          maxRows={8}
          data-autofocus
          disabled={saving.isPending}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
        <TagsInput
          label="Tags"
          description="Press Enter after each tag"
          disabled={saving.isPending}
          value={ended}
          onChange={setEnded}
          searchValue={typed}
          onSearchChange={setTyped}
        />
        <CardActions error={saving.error} onCancel={onCancel}>
          <Button size="xs" type="submit" loading={saving.isPending} disabled={text.trim() === ""}>
            Save
          </Button>
        </CardActions>
      </Stack>
    </form>
  );
}
