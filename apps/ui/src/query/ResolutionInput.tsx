import { Group, Select, TextInput } from "@mantine/core";
import { formatDuration, humanizeDuration, parseDuration } from "../format/duration.ts";
import { useDraft } from "../shell/use-draft.ts";
import { useTimeRange } from "../time/time-range-context.ts";
import { stepSeconds } from "../query-link/panel.ts";
import type { Density, Resolution } from "../query-link/panel.ts";

const fixedSteps = [10, 30, 60, 300, 900, 3600];

/** Parses a custom step: a duration, or plain seconds. Returns null if it is neither or not positive. */
function parseStep(text: string): number | null {
  const durationMs = parseDuration(text.trim());
  const seconds = durationMs === null ? Number(text.trim() || Number.NaN) : durationMs / 1000;
  return Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}

function choiceOf(resolution: Resolution): string {
  if (resolution.type === "auto") return resolution.density;
  if (resolution.type === "fixed" && fixedSteps.includes(resolution.stepSeconds)) return String(resolution.stepSeconds);
  return "custom";
}

function resolutionOf(choice: string, currentStep: number): Resolution {
  if (choice === "custom") return { type: "custom", stepSeconds: currentStep };
  const seconds = Number(choice);
  return Number.isNaN(seconds) ? { type: "auto", density: choice as Density } : { type: "fixed", stepSeconds: seconds };
}

function CustomStep({ seconds, onChange }: { seconds: number; onChange: (seconds: number) => void }) {
  const shown = formatDuration(seconds * 1000);
  const [text, setText] = useDraft(shown);
  const step = parseStep(text);
  const commit = (): void => {
    if (step === null) setText(shown);
    else onChange(step);
  };
  return (
    <TextInput
      aria-label="Custom resolution"
      size="xs"
      w={76}
      value={text}
      error={step === null}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit();
      }}
    />
  );
}

/** Field that selects the step: the distance between the points of a graph. */
export function ResolutionInput({
  resolution,
  onChange,
}: {
  resolution: Resolution;
  onChange: (resolution: Resolution) => void;
}) {
  const { rangeMs } = useTimeRange().range;
  const auto = (density: Density): string =>
    `${density[0]?.toUpperCase()}${density.slice(1)} (${humanizeDuration(stepSeconds({ type: "auto", density }, rangeMs) * 1000)})`;
  return (
    <Group gap={6} wrap="nowrap">
      <Select
        aria-label="Resolution"
        size="xs"
        w={148}
        allowDeselect={false}
        comboboxProps={{ width: 180, position: "bottom-start" }}
        maxDropdownHeight={400}
        data={[
          {
            group: "Automatic resolution",
            items: [
              { value: "low", label: auto("low") },
              { value: "medium", label: auto("medium") },
              { value: "high", label: auto("high") },
            ],
          },
          {
            group: "Fixed resolution",
            items: fixedSteps.map((seconds) => ({ value: String(seconds), label: formatDuration(seconds * 1000) })),
          },
          { group: "Custom resolution", items: [{ value: "custom", label: "Custom step…" }] },
        ]}
        value={choiceOf(resolution)}
        onChange={(choice) => {
          if (choice !== null) onChange(resolutionOf(choice, stepSeconds(resolution, rangeMs)));
        }}
      />
      {choiceOf(resolution) === "custom" && resolution.type !== "auto" && (
        <CustomStep
          seconds={resolution.stepSeconds}
          onChange={(seconds) => onChange({ type: "custom", stepSeconds: seconds })}
        />
      )}
    </Group>
  );
}
