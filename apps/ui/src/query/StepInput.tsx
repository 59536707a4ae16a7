import { ActionIcon, Group, TextInput } from "@mantine/core";
import type { TextInputProps } from "@mantine/core";
import type { ReactNode } from "react";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./StepInput.module.css";

const css = classesOf(styles);

interface Step {
  /** Name of the button for screen readers. */
  readonly label: string;
  readonly icon: ReactNode;
  readonly onClick: () => void;
}

function StepButton({ label, icon, onClick }: Step) {
  return (
    <ActionIcon variant="default" size={32} aria-label={label} onClick={onClick}>
      {icon}
    </ActionIcon>
  );
}

/** Text field between two buttons that change its value in steps. Enter or leaving the field applies the text. */
export function StepInput({
  down,
  up,
  onCommit,
  ...input
}: TextInputProps & { readonly down: Step; readonly up: Step; readonly onCommit: () => void }) {
  return (
    <Group gap={0} wrap="nowrap" className={css("group")}>
      <StepButton {...down} />
      <TextInput
        size="xs"
        classNames={{ input: css("input") }}
        onBlur={onCommit}
        onKeyDown={(event) => {
          if (event.key === "Enter") onCommit();
        }}
        {...input}
      />
      <StepButton {...up} />
    </Group>
  );
}
