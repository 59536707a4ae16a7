import { ActionIcon } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconX } from "@tabler/icons-react";
import { formatInstant, parseInstant } from "../format/instant.ts";
import { useTimeZone, zoneText } from "../shell/time-zone.ts";
import { useDraft } from "../shell/use-draft.ts";
import { nowMs } from "../time/browser-clock.ts";
import { useTimeRange } from "../time/time-range-context.ts";
import { StepInput } from "./StepInput.tsx";

/**
 * Field for the end of the time range: a time, or now. The arrow buttons move the end by half the length of the range.
 */
export function InstantInput({ label }: { label: string }) {
  const { range, changeRange } = useTimeRange();
  const { endMs, rangeMs } = range;
  const zone = useTimeZone();
  const shown = endMs === null ? "" : formatInstant(endMs, zone);
  const [text, setText] = useDraft(shown);
  const bad = text !== "" && parseInstant(text, zone) === null;

  const commit = (): void => {
    if (text === shown) return;
    if (text === "") return changeRange({ endMs: null });
    const parsed = parseInstant(text, zone);
    if (parsed !== null) changeRange({ endMs: parsed });
  };
  const shift = (direction: number): void => {
    const from = endMs ?? Math.floor(nowMs() / 1000) * 1000;
    changeRange({ endMs: from + (direction * rangeMs) / 2 });
  };

  return (
    <StepInput
      down={{ label: `Earlier ${label.toLowerCase()}`, icon: <IconChevronLeft size={16} />, onClick: () => shift(-1) }}
      up={{ label: `Later ${label.toLowerCase()}`, icon: <IconChevronRight size={16} />, onClick: () => shift(1) }}
      onCommit={commit}
      aria-label={label}
      w={186}
      placeholder={`${label} (now)`}
      value={text}
      error={bad}
      title={bad ? "Write the time as YYYY-MM-DD HH:mm:ss" : `${label}, ${zoneText(zone, nowMs())}`}
      onChange={(event) => setText(event.currentTarget.value)}
      rightSectionPointerEvents="all"
      rightSection={
        endMs !== null && (
          <ActionIcon
            size="xs"
            variant="transparent"
            color="gray"
            aria-label={`Clear ${label.toLowerCase()}`}
            onClick={() => changeRange({ endMs: null })}
          >
            <IconX size={14} />
          </ActionIcon>
        )
      }
    />
  );
}
