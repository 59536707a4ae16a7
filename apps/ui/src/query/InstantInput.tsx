import { ActionIcon, Group, TextInput } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconX } from "@tabler/icons-react";
import { formatInstant, parseInstant } from "../format/instant.ts";
import { usePreferences } from "../shell/preferences.ts";
import { useDraft } from "../shell/use-draft.ts";
import { nowMs } from "../time/browser-clock.ts";

/** A point in time, or now. The arrows move it by half the range. */
export function InstantInput({
  label,
  valueMs,
  shiftMs,
  onChange,
}: {
  label: string;
  valueMs: number | null;
  shiftMs: number;
  onChange: (valueMs: number | null) => void;
}) {
  const { useLocalTime } = usePreferences();
  const shown = valueMs === null ? "" : formatInstant(valueMs, useLocalTime);
  const [text, setText] = useDraft(shown);
  const bad = text !== "" && parseInstant(text, useLocalTime) === null;

  const commit = (): void => {
    if (text === shown) return;
    if (text === "") return onChange(null);
    const parsed = parseInstant(text, useLocalTime);
    if (parsed !== null) onChange(parsed);
  };
  const shift = (direction: number): void => {
    const from = valueMs ?? Math.floor(nowMs() / 1000) * 1000;
    onChange(from + direction * shiftMs);
  };

  return (
    <Group gap={0} wrap="nowrap" className="joined">
      <ActionIcon variant="default" size={32} aria-label={`Earlier ${label.toLowerCase()}`} onClick={() => shift(-1)}>
        <IconChevronLeft size={16} />
      </ActionIcon>
      <TextInput
        aria-label={label}
        size="xs"
        w={186}
        classNames={{ input: "joined-input" }}
        placeholder={`${label} (now${useLocalTime ? "" : ", UTC"})`}
        value={text}
        error={bad}
        title={bad ? "Write the time as YYYY-MM-DD HH:mm:ss" : `${label}, ${useLocalTime ? "local time" : "UTC"}`}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter") commit();
        }}
        rightSectionPointerEvents="all"
        rightSection={
          valueMs !== null && (
            <ActionIcon
              size="xs"
              variant="transparent"
              color="gray"
              aria-label={`Clear ${label.toLowerCase()}`}
              onClick={() => onChange(null)}
            >
              <IconX size={14} />
            </ActionIcon>
          )
        }
      />
      <ActionIcon variant="default" size={32} aria-label={`Later ${label.toLowerCase()}`} onClick={() => shift(1)}>
        <IconChevronRight size={16} />
      </ActionIcon>
    </Group>
  );
}
