import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { isJsonObject, textOf } from "../panel-edit.ts";
import { Choice } from "./Choice.tsx";
import { ColorField } from "./ColorField.tsx";
import { DraftNumber } from "./DraftNumber.tsx";
import { stepsOf, withNextStep, withSteps } from "./threshold-steps.ts";
import { RemoveTool } from "./ItemTools.tsx";
import { classesOf } from "../../../../shell/style-sheet.ts";
import styles from "./ThresholdsField.module.css";

const css = classesOf(styles);

const modes = [
  { value: "absolute", label: "Absolute" },
  { value: "percentage", label: "Percentage" },
];

/** Edits thresholds and their colours. The greatest threshold is at the top. */
export function ThresholdsField({ value, onChange }: { value: unknown; onChange: (value: unknown) => void }) {
  const steps = stepsOf(value);
  const mode = isJsonObject(value) && textOf(value, "mode") === "percentage" ? "percentage" : "absolute";
  return (
    <div className={css("thresholds")}>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconPlus size={14} />}
        onClick={() => onChange(withSteps(value, withNextStep(steps)))}
      >
        Add threshold
      </Button>
      {steps
        .map((step, at) => {
          const name = step.value === null ? "Base" : `Threshold ${step.value}`;
          return (
            // The index is the React key, because thresholds have no id.
            // oxlint-disable-next-line react/no-array-index-key
            <div key={at} className={css("step")}>
              <ColorField
                label={`Color of ${name}`}
                value={step.color}
                onChange={(color) => onChange(withSteps(value, steps.with(at, { ...step, color })))}
              />
              {step.value === null ? (
                <span className={css("base")}>Base</span>
              ) : (
                <>
                  <DraftNumber
                    label={name}
                    value={step.value}
                    onCommit={(next) => onChange(withSteps(value, steps.with(at, { ...step, value: next ?? 0 })))}
                  />
                  <RemoveTool name={name} onClick={() => onChange(withSteps(value, steps.toSpliced(at, 1)))} />
                </>
              )}
            </div>
          );
        })
        .toReversed()}
      <div>
        <div className={css("hint")}>Thresholds mode: percentage means of the range between min and max</div>
        <Choice
          label="Thresholds mode"
          choices={modes}
          value={mode}
          onChange={(next) => onChange({ ...withSteps(value, steps), mode: next })}
        />
      </div>
    </div>
  );
}
