import { IconMinus, IconPlus } from "@tabler/icons-react";
import { formatDuration, parseDuration } from "../format/duration.ts";
import { useDraft } from "../shell/use-draft.ts";
import { longerRange, shorterRange } from "../time/time-range.ts";
import { useTimeRange } from "../time/time-range-context.ts";
import { StepInput } from "./StepInput.tsx";

/** Field for the length of a graph's time range. The user types a duration, or steps through the predefined ones. */
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
    <StepInput
      down={{
        label: "Shorter range",
        icon: <IconMinus size={15} />,
        onClick: () => changeRange({ rangeMs: shorterRange(rangeMs) }),
      }}
      up={{
        label: "Longer range",
        icon: <IconPlus size={15} />,
        onClick: () => changeRange({ rangeMs: longerRange(rangeMs) }),
      }}
      onCommit={commit}
      aria-label="Range"
      w={76}
      styles={{ input: { textAlign: "center" } }}
      value={text}
      error={bad}
      title={bad ? "Write a duration such as 15m, 2h or 1w" : "Range"}
      onChange={(event) => setText(event.currentTarget.value)}
    />
  );
}
