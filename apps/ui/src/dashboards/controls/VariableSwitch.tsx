import { Switch } from "@mantine/core";
import type { VariableControlProps } from "./VariableControls.tsx";

/** A switch for a variable with two values. The first option is the value for "on", the second for "off". */
export function VariableSwitch({ state: { options, current }, label, onChange }: VariableControlProps) {
  const on = options[0] ?? { text: "true", value: "true" };
  const off = options[1] ?? { text: "false", value: "false" };
  return (
    <Switch
      size="xs"
      mx={8}
      aria-label={label}
      checked={current[0]?.value === on.value}
      onChange={({ currentTarget }) => onChange([currentTarget.checked ? on : off])}
    />
  );
}
