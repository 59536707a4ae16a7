import { ActionIcon, Group, TextInput } from "@mantine/core";
import { IconMinus, IconPlus } from "@tabler/icons-react";
import { formatDuration, parseDuration } from "../format/duration.ts";
import { useDraft } from "../shell/use-draft.ts";
import { longerRange, shorterRange } from "../time/time-range.ts";
import { useTimeRange } from "../time/time-range-context.ts";

/** Length of a graph: typed as a duration, or stepped along the ladder of usual ones. */
export function RangeInput() {
  const { range, changeRange } = useTimeRange();
  const { rangeMs } = range;
  const shown = formatDuration(rangeMs);
  const [text, setText] = useDraft(shown);
  const parsed = parseDuration(text);
  const bad = parsed === null || parsed <= 0;
  const commit = (): void => {
    if (parsed !== null && parsed > 0) changeRange({ rangeMs: parsed });
    else setText(shown);
  };
  return (
    <Group gap={0} wrap="nowrap" className="joined">
      <ActionIcon
        variant="default"
        size={32}
        aria-label="Shorter range"
        onClick={() => changeRange({ rangeMs: shorterRange(rangeMs) })}
      >
        <IconMinus size={15} />
      </ActionIcon>
      <TextInput
        aria-label="Range"
        size="xs"
        w={76}
        classNames={{ input: "joined-input" }}
        styles={{ input: { textAlign: "center" } }}
        value={text}
        error={bad}
        title={bad ? "Write a duration such as 15m, 2h or 1w" : "Range"}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter") commit();
        }}
      />
      <ActionIcon
        variant="default"
        size={32}
        aria-label="Longer range"
        onClick={() => changeRange({ rangeMs: longerRange(rangeMs) })}
      >
        <IconPlus size={15} />
      </ActionIcon>
    </Group>
  );
}
