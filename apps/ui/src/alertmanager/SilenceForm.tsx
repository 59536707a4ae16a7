import { useTimeZone } from "../shell/time-zone.ts";
import { Button, Chip, Group, SimpleGrid, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { alertmanager, silencesKey } from "../api/alertmanager.ts";
import { parseDuration } from "../format/duration.ts";
import { EditorButton } from "../shell/EditorButton.tsx";
import { ErrorMessage } from "../shell/StatusMessage.tsx";
import { useMayChange } from "../shell/viewer.ts";
import { keepAuthor } from "./author.ts";
import { AffectedAlerts } from "./AffectedAlerts.tsx";
import { MatcherBar } from "./MatcherBar.tsx";
import { DateTimeInput } from "./DateTimeInput.tsx";
import { draftProblems, inZone, requestOf, withDuration, withEnd, withStart } from "./silence-draft.ts";
import type { DraftProblems, SilenceDraft } from "./silence-draft.ts";
import { withBackLink } from "./back-link.ts";
import { Card } from "../shell/Card.tsx";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./SilenceForm.module.css";

const css = classesOf(styles);

const usualDurations = ["30m", "1h", "2h", "8h", "1d", "3d", "1w"];

type Change = (draft: SilenceDraft) => void;

function TimeFields({ draft, problems, onChange }: { draft: SilenceDraft; problems: DraftProblems; onChange: Change }) {
  return (
    <>
      <div className={css("times")}>
        <DateTimeInput
          label="Start"
          value={draft.start}
          problem={problems.start}
          onChange={(start) => onChange(withStart(draft, start))}
        />
        <TextInput
          label="Duration"
          required
          description="For example 2h or 1d12h"
          value={draft.duration}
          error={problems.duration ?? false}
          onChange={(event) => onChange(withDuration(draft, event.currentTarget.value))}
        />
        <DateTimeInput
          label="End"
          value={draft.end}
          problem={problems.end}
          onChange={(end) => onChange(withEnd(draft, end))}
        />
      </div>
      <Chip.Group
        value={usualDurations.find((each) => parseDuration(each) === parseDuration(draft.duration)) ?? ""}
        onChange={(duration) => onChange(withDuration(draft, duration))}
      >
        <Group gap={6} role="group" aria-label="Usual durations">
          {usualDurations.map((each) => (
            <Chip key={each} value={each} size="xs" variant="light">
              {each}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
    </>
  );
}

function WordFields({ draft, problems, onChange }: { draft: SilenceDraft; problems: DraftProblems; onChange: Change }) {
  // If the form starts with matchers, for example those of a link, the comment is the next field to fill in.
  const [focusesComment] = useState(draft.matchers.length > 0);
  return (
    <>
      <TextInput
        label="Creator"
        required
        value={draft.creator}
        error={problems.creator ?? false}
        onChange={(event) => onChange({ ...draft, creator: event.currentTarget.value })}
      />
      <Textarea
        label="Comment"
        required
        autoFocus={focusesComment}
        autosize
        minRows={2}
        value={draft.comment}
        error={problems.comment ?? false}
        onChange={(event) => onChange({ ...draft, comment: event.currentTarget.value })}
        onKeyDown={(event) => {
          // A key that is held repeats its event.
          const isPressed = event.key === "Enter" && !event.repeat;
          if (isPressed && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit();
        }}
      />
      <Textarea
        label="Annotations"
        description="One name=text per line"
        autosize
        minRows={1}
        value={draft.annotations}
        error={problems.annotations ?? false}
        onChange={(event) => onChange({ ...draft, annotations: event.currentTarget.value })}
      />
    </>
  );
}

function RequiredMark() {
  return (
    <Text span c="var(--mantine-color-error)" inherit aria-hidden>
      *
    </Text>
  );
}

/** A form that creates or changes a silence. The alerts that it would silence are always shown next to the fields. */
export function SilenceForm({ initial }: { initial: SilenceDraft }) {
  const zone = useTimeZone();
  const mayChange = useMayChange();
  const navigate = useNavigate();
  const { search } = useLocation();
  const client = useQueryClient();
  const [typed, setDraft] = useState(initial);
  const draft = inZone(typed, zone);
  // Whether the user has tried to submit the form. Before that, the form shows no error messages.
  const [tried, setTried] = useState(false);
  const problems = tried ? draftProblems(draft) : {};
  const keep = useMutation({
    mutationFn: () => alertmanager.saveSilence(requestOf(draft)),
    onSuccess: (id) => {
      keepAuthor(draft.creator.trim());
      void client.invalidateQueries({ queryKey: silencesKey });
      void navigate(withBackLink(`/silences/${id}`, search));
    },
  });
  const submit = (): void => {
    // Keys submit the form also while its button is disabled.
    if (keep.isPending || !mayChange) return;
    setTried(true);
    if (Object.keys(draftProblems(draft)).length === 0) keep.mutate();
  };
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} className="top-aligned">
      <Card
        p="md"
        component="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Stack gap="sm">
          <Text size="xs" c="dimmed">
            Fields with <RequiredMark /> are required.
          </Text>
          <div>
            <Text size="sm" fw={500} mb={4}>
              Alerts that match all of <RequiredMark />
            </Text>
            <MatcherBar
              label="Matchers of the silence"
              required
              matchers={draft.matchers}
              problem={problems.matchers}
              onChange={(matchers) => setDraft({ ...draft, matchers })}
            />
          </div>
          <TimeFields draft={draft} problems={problems} onChange={setDraft} />
          <WordFields draft={draft} problems={problems} onChange={setDraft} />
          {keep.isError && <ErrorMessage error={keep.error} title="The silence was not saved" />}
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setDraft(initial)}>
              Reset
            </Button>
            <EditorButton type="submit" loading={keep.isPending}>
              {draft.id === null ? "Create" : "Save"}
            </EditorButton>
          </Group>
        </Stack>
      </Card>
      <AffectedAlerts matchers={draft.matchers} />
    </SimpleGrid>
  );
}
